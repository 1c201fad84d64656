#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace spillway::http {

// A lower bound of where, at or after `at`, the first control byte, `First` or `Second` stands: eight bytes at a time,
// so up to seven ordinary bytes may precede it. Bodies hold images as strings of megabytes.
template <char First, char Second>
std::size_t skip_plain_words(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  constexpr std::uint64_t first = ones * static_cast<unsigned char>(First);
  constexpr std::uint64_t second = ones * static_cast<unsigned char>(Second);
  // A high bit for some byte below `limit`; which one is not told, and bytes above 0x7F never count.
  const auto has_below = [](std::uint64_t word, std::uint64_t limit) {
    return (word - ones * limit) & ~word & high_bits;
  };
  while (text.size() - at >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((has_below(word, 0x20) | has_below(word ^ first, 1) | has_below(word ^ second, 1)) != 0) break;
    at += sizeof word;
  }
  return at;
}

}  // namespace spillway::http
