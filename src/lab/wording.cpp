#include "wording.hpp"

#include <array>

namespace spillway::lab {
namespace {

constexpr std::array<std::string_view, 48> words = {
    "river",   "gate",   "water",   "level",   "flow",    "spring",  "stone",   "bridge", "valley", "meadow",
    "summer",  "cloud",  "rain",    "window",  "garden",  "letter",  "number",  "simple", "clear",  "steady",
    "bright",  "gentle", "quiet",   "early",   "every",   "again",   "always",  "under",  "over",   "between",
    "through", "beyond", "and",     "with",    "without", "while",   "runs",    "turns",  "falls",  "rises",
    "opens",   "closes", "carries", "answers", "waits",   "follows", "gathers", "rests"};

constexpr std::size_t longest_token = 8;
constexpr std::size_t longest_echo = 400;

bool continues_utf8(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Bytes of the UTF-8 sequence a leading byte announces.
std::size_t sequence_length(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

// The end of the token that starts at `begin`.
std::size_t token_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < text.size()) {
    const std::size_t size = end - begin;
    if (continues_utf8(text[end])) {
      // Bytes that are no UTF-8 must not make a token grow without end.
      if (size == longest_token) break;
    } else if (text[end] == ' ' || text[end] == '\n' || size + sequence_length(text[end]) > longest_token) {
      break;
    }
    ++end;
  }
  return end;
}

std::string_view first_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && continues_utf8(text[most])) --most;
  return text.substr(0, most);
}

}  // namespace

std::int64_t estimate_tokens(std::size_t bytes) noexcept {
  return static_cast<std::int64_t>((bytes + 3) / 4);
}

std::vector<std::string> tokenise(std::string_view text) {
  std::vector<std::string> tokens;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = token_end(text, begin);
    tokens.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return tokens;
}

std::uint64_t hash(std::string_view text, std::uint64_t seed) noexcept {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return seed;
}

std::uint64_t Generator::next() noexcept {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

std::string_view Generator::word() noexcept {
  return words[next(words.size())];
}

std::string Generator::hex(std::size_t digits) {
  constexpr char alphabet[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < digits; ++i) out += alphabet[next(16)];
  return out;
}

std::string Generator::guid() {
  std::string text = hex(32);
  text[12] = '4';
  text[16] = "89ab"[next(4)];
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

std::vector<std::string> reply_tokens(std::string_view prompt, std::int64_t at_least, std::uint64_t seed) {
  std::string text = "You said: ";
  text += first_bytes(prompt, longest_echo);
  std::vector<std::string> tokens = tokenise(text);
  Generator generator(hash(prompt, seed));
  while (static_cast<std::int64_t>(tokens.size()) < at_least) {
    std::string word = " ";
    word += generator.word();
    tokens.push_back(std::move(word));
  }
  return tokens;
}

std::string base64(std::string_view bytes) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    const std::size_t digits = i + 3 <= bytes.size() ? 4 : bytes.size() - i + 1;
    for (std::size_t k = 0; k < 4; ++k) out += k < digits ? alphabet[group >> (18U - 6U * k) & 63U] : '=';
  }
  return out;
}

}  // namespace spillway::lab
