#include "json_text.hpp"

#include <cstdint>

#include "spillway/base/text.hpp"
#include "spillway/http/model_splice.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

// The four digits at `at`, or nothing.
std::optional<std::uint32_t> unicode_escape(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 4) return std::nullopt;
  std::uint32_t code = 0;
  for (const char c : text.substr(at, 4)) {
    const int digit = syntax::hex_value(c);
    if (digit < 0) return std::nullopt;
    code = code * 16 + static_cast<std::uint32_t>(digit);
  }
  return code;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto append = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    append(code);
  } else if (code < 0x800) {
    append(0xC0U | code >> 6U);
    append(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    append(0xE0U | code >> 12U);
    append(0x80U | (code >> 6U & 0x3FU));
    append(0x80U | (code & 0x3FU));
  } else {
    append(0xF0U | code >> 18U);
    append(0x80U | (code >> 12U & 0x3FU));
    append(0x80U | (code >> 6U & 0x3FU));
    append(0x80U | (code & 0x3FU));
  }
}

std::size_t skip_digits(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && syntax::is_digit(text[at])) ++at;
  return at;
}

// number = [ "-" ] int [ frac ] [ exp ], RFC 8259 6
bool is_number(std::string_view text) noexcept {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  std::size_t end = skip_digits(text, at);
  if (end == at || (text[at] == '0' && end > at + 1)) return false;
  at = end;
  if (at < text.size() && text[at] == '.') {
    end = skip_digits(text, ++at);
    if (end == at) return false;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    end = skip_digits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

}  // namespace

std::optional<std::string> json_unescape(std::string_view contents) {
  std::string out;
  out.reserve(contents.size());
  for (std::size_t at = 0; at < contents.size(); ++at) {
    if (contents[at] != '\\') {
      out += contents[at];
      continue;
    }
    if (++at == contents.size()) return std::nullopt;
    switch (contents[at]) {
      case '"':
      case '\\':
      case '/': out += contents[at]; continue;
      case 'b': out += '\b'; continue;
      case 'f': out += '\f'; continue;
      case 'n': out += '\n'; continue;
      case 'r': out += '\r'; continue;
      case 't': out += '\t'; continue;
      case 'u': break;
      default: return std::nullopt;
    }
    std::optional<std::uint32_t> code = unicode_escape(contents, at + 1);
    if (!code || (*code >= 0xDC00 && *code <= 0xDFFF)) return std::nullopt;
    at += 4;
    if (*code >= 0xD800 && *code <= 0xDBFF) {
      if (contents.substr(at + 1, 2) != "\\u") return std::nullopt;
      const std::optional<std::uint32_t> low = unicode_escape(contents, at + 3);
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return std::nullopt;
      code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
      at += 6;
    }
    append_utf8(out, *code);
  }
  return out;
}

bool is_json_scalar(std::string_view text) noexcept {
  return text == "true" || text == "false" || text == "null" || is_number(text);
}

std::string json_string_contents(std::string_view model) {
  std::string quoted;
  append_json_string(quoted, model);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace spillway::http
