#include "messages.hpp"

#include <algorithm>

#include "spillway/base/text.hpp"

namespace spillway::config {

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 60;
  const auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U; };
  std::size_t length = std::min(text.size(), longest);
  while (length < text.size() && length > 0 && continues(length)) --length;
  std::string out;
  for (const char c : text.substr(0, length)) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte < 0x20 || byte == 0x7F ? '?' : c);
  }
  if (length < text.size()) out += "...";
  return out;
}

std::string joined(std::span<const std::string_view> words) {
  constexpr std::size_t most = 20;
  std::string out;
  for (std::size_t i = 0; i < words.size() && i < most; ++i) {
    if (i != 0) out += ", ";
    out += printable(words[i]);
  }
  if (words.size() > most) out += ", ...";
  return out;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates, std::string_view fallback) {
  // The distance to a very long word is dear to compute and never small.
  if (word.size() <= 64) {
    if (const auto near = nearest(word, candidates)) return "did you mean \"" + printable(*near) + "\"?";
  }
  if (!fallback.empty() || candidates.empty()) return std::string(fallback);
  return "one of " + joined(candidates);
}

}  // namespace spillway::config
