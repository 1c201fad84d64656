#include "request_target.hpp"

#include <cstdint>

#include "spillway/base/text.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

constexpr const char* bad_byte = "The request target holds a character that must be percent-encoded.";
constexpr const char* bad_escape = "The request target holds a broken percent escape.";
constexpr const char* bad_form = "The request target must start with a slash or be a whole http or https URL.";

// The byte an escape at `at` stands for, or -1.
int escaped_byte(std::string_view text, std::size_t at) noexcept {
  if (at + 2 >= text.size()) return -1;
  const int high = syntax::hex_value(text[at + 1]);
  const int low = syntax::hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

const char* check_path(std::string_view path) noexcept {
  std::size_t segment = 0;  // bytes of the current segment, escapes decoded
  bool only_dots = true;
  const auto is_dot_segment = [&] { return only_dots && (segment == 1 || segment == 2); };
  for (std::size_t at = 1; at < path.size(); ++at) {
    int byte = static_cast<unsigned char>(path[at]);
    if (byte == '/') {
      if (segment == 0) return "The path must not hold doubled slashes.";
      if (is_dot_segment()) return "The path must not hold dot segments.";
      segment = 0;
      only_dots = true;
      continue;
    }
    if (byte == '%') {
      byte = escaped_byte(path, at);
      if (byte < 0) return bad_escape;
      if (byte == '/' || byte == '\\') return "The path must not hold encoded slashes.";
      if (byte < 0x20 || byte == 0x7F) return "The path must not hold encoded control characters.";
      at += 2;
    } else if (!syntax::in(syntax::path_bytes, path[at])) {
      return bad_byte;
    }
    ++segment;
    only_dots = only_dots && byte == '.';
  }
  return is_dot_segment() ? "The path must not hold dot segments." : nullptr;
}

const char* check_query(std::string_view query) noexcept {
  for (std::size_t at = 0; at < query.size(); ++at) {
    if (query[at] == '%') {
      if (escaped_byte(query, at) < 0) return bad_escape;
      at += 2;
    } else if (!syntax::in(syntax::query_bytes, query[at])) {
      return bad_byte;
    }
  }
  return nullptr;
}

// The length of `http://` or `https://` at the start, or 0.
std::size_t scheme_size(std::string_view target) noexcept {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (iequals(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

}  // namespace

const char* parse_target(std::string_view target, TargetParts& parts) noexcept {
  parts = {};
  if (target.empty()) return bad_form;
  if (target.front() != '/') {
    const std::size_t scheme = scheme_size(target);
    if (scheme == 0) return bad_form;
    const std::string_view rest = target.substr(scheme);
    const std::size_t end = rest.find_first_of("/?#");
    parts.authority = rest.substr(0, end);
    if (!is_valid_host(parts.authority)) return "The host of the request target is not valid.";
    target = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
  }
  const std::size_t mark = target.find('?');
  parts.path = target.substr(0, mark);
  if (parts.path.empty()) parts.path = "/";
  if (mark != std::string_view::npos) {
    parts.has_query = true;
    parts.query = target.substr(mark + 1);
  }
  if (parts.path.front() != '/') return bad_byte;
  if (const char* wrong = check_path(parts.path)) return wrong;
  return check_query(parts.query);
}

bool is_valid_host(std::string_view host) noexcept {
  std::size_t at = 0;
  if (!host.empty() && host.front() == '[') {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    for (const char c : host.substr(1, end - 1)) {
      if (syntax::hex_value(c) < 0 && c != ':' && c != '.') return false;
    }
    at = end + 1;
  } else {
    while (at < host.size() && syntax::in(syntax::host_bytes, host[at])) ++at;
  }
  if (at == 0) return false;
  if (at == host.size()) return true;
  if (host[at] != ':') return false;
  return parse_number<std::uint16_t>(host.substr(at + 1)).has_value();
}

}  // namespace spillway::http
