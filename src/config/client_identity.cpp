#include "spillway/config/client_identity.hpp"

#include <algorithm>

#include "spillway/base/text.hpp"

namespace spillway::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Backslash escapes the next character (RFC 4514 2.4).
std::size_t find_unescaped(std::string_view text, char sought) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == sought) {
      return at;
    }
  }
  return std::string_view::npos;
}

// A space at the end that is escaped belongs to the value.
std::string_view trim_unescaped(std::string_view text) {
  const std::string_view trimmed = trim(text);
  const bool escaped = trimmed.ends_with('\\') && trimmed.data() + trimmed.size() < text.data() + text.size();
  return escaped ? std::string_view(trimmed.data(), trimmed.size() + 1) : trimmed;
}

}  // namespace

bool is_guid(std::string_view text) noexcept {
  if (text.size() != 36) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash ? text[at] != '-' : !is_hex(text[at])) return false;
  }
  return true;
}

std::optional<std::string> normal_subject(std::string_view text) {
  std::string normal;
  while (true) {
    const std::size_t end = find_unescaped(text, ',');
    const std::string_view part = text.substr(0, end);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    std::string type(trim(part.substr(0, equals)));
    const std::string_view value = trim_unescaped(part.substr(equals + 1));
    const bool good = !type.empty() && !value.empty() && std::all_of(type.begin(), type.end(), [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-';
    });
    if (!good || !std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; }))
      return std::nullopt;
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    normal.append(normal.empty() ? "" : ",").append(type).append("=").append(value);
    if (end == std::string_view::npos) return normal;
    text.remove_prefix(end + 1);
  }
}

}  // namespace spillway::config
