#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The simulator's language model: a tokeniser and answers that depend on nothing but the request and the seed.
namespace spillway::lab {

// About four characters a token, as a limit is estimated: a fourth of the bytes, rounded up.
std::int64_t estimate_tokens(std::size_t bytes) noexcept;

// `text` cut into the pieces a stream sends: words with the space before them, at most 8 bytes and never inside a UTF-8
// sequence. Joined they are `text` again; their number is what `usage` counts.
std::vector<std::string> tokenise(std::string_view text);

// 64-bit FNV-1a, the seed of everything deterministic.
std::uint64_t hash(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325ULL) noexcept;

// SplitMix64: good enough words from any seed.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept;
  // From 0 up to, not including, `below`, which is not 0.
  std::uint64_t next(std::uint64_t below) noexcept { return next() % below; }
  std::string_view word() noexcept;
  // `digits` lower-case hexadecimal digits.
  std::string hex(std::size_t digits);
  // A GUID of version 4's shape.
  std::string guid();

 private:
  std::uint64_t state_;
};

// The simulated answer to `prompt`, in tokens: `You said: PROMPT` (the first 400 bytes of it), then words until there
// are at least `at_least` tokens.
std::vector<std::string> reply_tokens(std::string_view prompt, std::int64_t at_least, std::uint64_t seed);

// RFC 4648 4, with padding.
std::string base64(std::string_view bytes);

}  // namespace spillway::lab
