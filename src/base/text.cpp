#include "spillway/base/text.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace spillway {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::uint64_t word_at(const char* text) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

// Of each byte; no sum carries into the next one, as their highest bits are left out.
constexpr std::uint64_t lower(std::uint64_t word) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t high_bits = ones * 0x80U;
  const std::uint64_t low_bits = word & ~high_bits;
  const std::uint64_t from_a = low_bits + ones * (0x80U - 'A');
  const std::uint64_t behind_z = low_bits + ones * (0x7FU - 'Z');
  const std::uint64_t capitals = from_a & ~behind_z & ~word & high_bits;
  return word | capitals >> 2U;  // 0x80 becomes 0x20, by which the two cases differ
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t substituted = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0U : 1U);
      row[j] = std::min({above + 1, row[j - 1] + 1, substituted});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// Length of the valid UTF-8 sequence at the start of `text`, or 0 (RFC 3629: no overlong forms, no surrogates).
std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0U) == 0x80U; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

constexpr char hex_digits[] = "0123456789abcdef";

// Of a JSON string, written as it is.
constexpr bool is_plain_in_json(unsigned char c) noexcept {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

// Whether all eight bytes are plain. A test may take a byte behind a special one for special, too: a borrow of the
// subtraction; never a special one for plain.
constexpr bool are_plain_in_json(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highest = 0x80 * ones;
  const auto holds = [](std::uint64_t word, std::uint64_t byte) {
    const std::uint64_t zero_where_equal = word ^ (byte * ones);
    return (zero_where_equal - ones) & ~zero_where_equal;
  };
  const std::uint64_t control = (bytes - 0x20 * ones) & ~bytes;
  return ((bytes | control | holds(bytes, '"') | holds(bytes, '\\') | holds(bytes, 0x7F)) & highest) == 0;
}

std::size_t plain_run(std::string_view text) noexcept {
  std::size_t at = 0;
  while (text.size() - at >= sizeof(std::uint64_t) && are_plain_in_json(word_at(text.data() + at)))
    at += sizeof(std::uint64_t);
  while (at < text.size() && is_plain_in_json(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

// U+0080 to U+009F: terminals take some of them for the beginning of an escape sequence (ECMA-48 5.3).
constexpr bool is_c1_control(std::string_view text) noexcept {
  return text.size() > 1 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) >= 0x80 &&
         static_cast<unsigned char>(text[1]) <= 0x9F;
}

void append_escaped(std::string& out, unsigned char c) {
  out.append("\\u00");
  out.push_back(hex_digits[c >> 4U]);
  out.push_back(hex_digits[c & 0xFU]);
}

}  // namespace

namespace detail {

// Eight bytes at a time. The last eight may have been compared before in part.
bool equal_but_for_case(const char* a, const char* b, std::size_t size) noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t);
  if (size < word) {
    for (std::size_t at = 0; at < size; ++at) {
      if (lower(a[at]) != lower(b[at])) return false;
    }
    return true;
  }
  for (std::size_t at = 0; at + word < size; at += word) {
    if (lower(word_at(a + at)) != lower(word_at(b + at))) return false;
  }
  return lower(word_at(a + size - word)) == lower(word_at(b + size - word));
}

}  // namespace detail

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(1, std::min<std::size_t>(3, word.size() / 3)) + 1;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    // Runs of plain characters are appended in one go: most strings are one run.
    const std::size_t plain = plain_run(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text.front());
    std::size_t used = 1;
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      default:
        if (c < 0x20 || c == 0x7F) {
          append_escaped(out, c);
        } else if (is_c1_control(text)) {
          append_escaped(out, static_cast<unsigned char>(text[1]));
          used = 2;
        } else if (const std::size_t length = utf8_length(text); length != 0) {
          out.append(text.substr(0, length));
          used = length;
        } else {
          out.append("\\ufffd");
        }
    }
    text.remove_prefix(used);
  }
  out.push_back('"');
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(hex_digits[byte >> 4U]);
    out.push_back(hex_digits[byte & 0xFU]);
  }
  return out;
}

}  // namespace spillway
