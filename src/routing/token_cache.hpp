#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"

namespace spillway::routing {

// Whom tokens that have been verified stand for, until they end. Bounded: a token that is not found is verified again.
// Knows tokens by their SHA-256 only, so it holds none. Thread-safe: sets of eight, each with a lock of its own.
class TokenCache {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  // Room for at least so many tokens.
  explicit TokenCache(std::size_t capacity);

  // Throws std::runtime_error when OpenSSL has no SHA-256.
  static Digest digest(std::string_view token);

  std::optional<std::size_t> find(const Digest& token, WallTime now);

  // Says which state of the world `put` belongs to; a put that began before a clear() has no effect.
  std::uint64_t generation() const noexcept { return generation_.load(); }
  void put(const Digest& token, std::size_t client, WallTime until, WallTime now, std::uint64_t generation);
  // Forgets everything: what verified with keys of before need not verify with those of now.
  void clear();

 private:
  struct Entry {
    Digest token{};
    WallTime until = WallTime::min();  // not valid from then on
    std::size_t client = 0;
    std::uint64_t used = 0;  // by the set's own count
  };
  struct Set {
    std::mutex mutex;
    std::uint64_t uses = 0;
    std::array<Entry, 8> entries;
  };

  Set& set_of(const Digest& token) noexcept;

  std::vector<Set> sets_;  // a power of two
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace spillway::routing
