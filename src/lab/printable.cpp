#include "printable.hpp"

#include <algorithm>
#include <cstdint>

namespace spillway::lab {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct Letter {
  std::uint32_t point = 0;
  std::size_t size = 0;  // bytes; 0: the first byte begins no UTF-8
};

// Unicode 15.0, table 3-7: neither overlong forms nor surrogates.
Letter first_letter(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  std::uint32_t point = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    point = point << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = point < (size == 2 ? 0x80U : size == 3 ? 0x800U : 0x10000U);
  const bool none = point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF);
  return overlong || none ? Letter{} : Letter{point, size};
}

bool steers(std::uint32_t point) noexcept {
  const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029;
  const bool direction = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
                         point == 0x200E || point == 0x200F || point == 0x061C;
  return control || direction;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    const std::size_t size = std::max<std::size_t>(letter.size, 1);
    out += letter.size == 0 || steers(letter.point) ? replacement : text.substr(0, size);
    text.remove_prefix(size);
  }
  return out;
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::size_t width(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::string fitted(std::string_view text, std::size_t columns) {
  std::string out = printable(text);
  std::size_t letters = width(out);
  if (letters > columns) {
    std::size_t end = 0;
    for (std::size_t seen = 0; end < out.size(); ++end) {
      const bool starts = (static_cast<unsigned char>(out[end]) & 0xC0U) != 0x80;
      if (starts && ++seen == columns) break;
    }
    out = out.substr(0, end) + "…";
    letters = columns;
  }
  return out.append(columns - letters, ' ');
}

}  // namespace spillway::lab
