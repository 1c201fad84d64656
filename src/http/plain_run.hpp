#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace spillway::http {

namespace detail {

using Bytes [[gnu::vector_size(16)]] = unsigned char;

// 0xFF for each of 16 bytes that is a control, `First` or `Second`.
template <char First, char Second>
Bytes special_bytes(const char* at) noexcept {
  constexpr auto first = static_cast<unsigned char>(First);
  constexpr auto second = static_cast<unsigned char>(Second);
  constexpr unsigned char controls_end = 0x20;
  Bytes bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return (bytes < (Bytes{} + controls_end)) | (bytes == (Bytes{} + first)) | (bytes == (Bytes{} + second));
}

using Words = std::array<std::uint64_t, 2>;

}  // namespace detail

// Where, at or after `at`, the first control byte (below 0x20), `First` or `Second` stands, or the text ends. Bytes
// above 0x7F are plain. Sixteen bytes are looked at together, and 64 once a run is longer than that: bodies hold images
// as strings of megabytes.
template <char First, char Second>
std::size_t skip_plain(std::string_view text, std::size_t at) noexcept {
  constexpr std::size_t step = sizeof(detail::Bytes);
  const auto special = [&](std::size_t i) { return detail::special_bytes<First, Second>(text.data() + at + i * step); };
  const auto any = [](const detail::Words& words) { return (words[0] | words[1]) != 0; };

  const std::size_t begin = at;
  while (text.size() - at >= step) {
    const auto words = std::bit_cast<detail::Words>(special(0));
    if (any(words)) {
      const std::size_t skipped = words[0] != 0 ? 0 : sizeof words[0];
      const std::uint64_t word = words[0] != 0 ? words[0] : words[1];
      const int bits = std::endian::native == std::endian::little ? std::countr_zero(word) : std::countl_zero(word);
      return at + skipped + static_cast<std::size_t>(bits) / 8;
    }
    at += step;
    if (at - begin < 4 * step) continue;
    while (text.size() - at >= 4 * step) {
      if (any(std::bit_cast<detail::Words>((special(0) | special(1)) | (special(2) | special(3))))) break;
      at += 4 * step;
    }
  }
  const auto is_plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != First && c != Second; };
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

}  // namespace spillway::http
