#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spillway {

// ASCII only: header names, tokens and configuration words are ASCII.
bool iequals(std::string_view a, std::string_view b) noexcept;
std::string lower(std::string_view text);

// Without leading and trailing spaces and tabs (OWS of RFC 9110 5.6.3).
std::string_view trim(std::string_view text) noexcept;

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
