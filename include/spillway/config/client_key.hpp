#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "spillway/base/time.hpp"

namespace spillway::config {

// SHA-256 (FIPS 180-4) of a client's key.
using KeyDigest = std::array<std::uint8_t, 32>;

// Throws std::runtime_error when OpenSSL has no SHA-256.
KeyDigest key_digest(std::string_view key);

// What the gateway remembers of a key: never the key itself. The digest of a random key tells nothing about it; that of
// a word can be found by trying words.
struct ClientKey {
  KeyDigest digest{};
  std::optional<WallTime> expires;  // refused from then on; none = never

  static ClientKey of(std::string_view key) { return {key_digest(key), std::nullopt}; }
};

}  // namespace spillway::config
