#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spillway {

namespace detail {

bool equal_but_for_case(const char* a, const char* b, std::size_t size) noexcept;

}  // namespace detail

// ASCII only: header names, tokens and configuration words are ASCII.
inline bool iequals(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && detail::equal_but_for_case(a.data(), b.data(), a.size());
}
std::string lower(std::string_view text);

// Without leading and trailing spaces and tabs (OWS of RFC 9110 5.6.3).
inline std::string_view trim(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// The whole text as a decimal number without sign, or nothing.
template <class Integer>
std::optional<Integer> parse_number(std::string_view text) noexcept {
  Integer value{};
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// `*` stands for any characters, `/` included; everything else for itself. Case matters.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

// The candidate nearest to `word`, when it is near enough to be a slip of the keyboard; else nothing.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

// Appends `text` as a JSON string, quotes included. Control characters and invalid UTF-8 are escaped, so the output is
// one line of valid JSON whatever the input.
void append_json_string(std::string& out, std::string_view text);

// Lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace spillway
