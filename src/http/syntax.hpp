#pragma once

#include <array>
#include <string_view>

// Character classes of RFC 9110 and RFC 3986, and lists of tokens.
namespace spillway::http::syntax {

using Table = std::array<bool, 256>;

constexpr Table table(std::string_view others, bool alphanumeric) {
  Table result{};
  for (const char c : others) result[static_cast<unsigned char>(c)] = true;
  if (!alphanumeric) return result;
  for (unsigned c = '0'; c <= '9'; ++c) result[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) result[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) result[c] = true;
  return result;
}

// tchar (RFC 9110 5.6.2)
inline constexpr Table token_bytes = table("!#$%&'*+-.^_`|~", true);
// pchar and `/` without the percent sign (RFC 3986 3.3)
inline constexpr Table path_bytes = table("-._~!$&'()*+,;=:@/", true);
// query without the percent sign (RFC 3986 3.4), and the raw brackets some clients send
inline constexpr Table query_bytes = table("-._~!$&'()*+,;=:@/?[]", true);
// a registered name, without the escapes and sub-delims nobody uses in a Host
inline constexpr Table host_bytes = table("-._~", true);

constexpr bool in(const Table& bytes, char c) noexcept {
  return bytes[static_cast<unsigned char>(c)];
}
constexpr bool is_token_byte(char c) noexcept {
  return in(token_bytes, c);
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

// HTAB, SP, VCHAR or obs-text: what a field value and a reason phrase may hold (RFC 9110 5.5).
constexpr bool is_text_byte(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
}

// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_token_byte(c)) return false;
  }
  return !text.empty();
}

}  // namespace spillway::http::syntax
