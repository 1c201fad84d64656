#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace spillway::http {

// Where, at or after `at`, the first control byte (below 0x20), `First` or `Second` stands, or the text ends. Bytes
// above 0x7F are plain. Bodies hold images as strings of megabytes, so sixteen bytes are looked at together.
template <char First, char Second>
std::size_t skip_plain(std::string_view text, std::size_t at) noexcept {
  using Bytes [[gnu::vector_size(16)]] = unsigned char;
  constexpr auto first = static_cast<unsigned char>(First);
  constexpr auto second = static_cast<unsigned char>(Second);
  constexpr unsigned char controls_end = 0x20;

  while (text.size() - at >= sizeof(Bytes)) {
    Bytes bytes;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const auto special =
        (bytes < (Bytes{} + controls_end)) | (bytes == (Bytes{} + first)) | (bytes == (Bytes{} + second));
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(special);  // 0xFF for each special byte
    if ((words[0] | words[1]) != 0) {
      const std::size_t skipped = words[0] != 0 ? 0 : sizeof words[0];
      const std::uint64_t word = words[0] != 0 ? words[0] : words[1];
      const int bits = std::endian::native == std::endian::little ? std::countr_zero(word) : std::countl_zero(word);
      return at + skipped + static_cast<std::size_t>(bits) / 8;
    }
    at += sizeof bytes;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) >= controls_end && text[at] != First &&
         text[at] != Second) {
    ++at;
  }
  return at;
}

}  // namespace spillway::http
