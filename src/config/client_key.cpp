#include "spillway/config/client_key.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

#include "client_keys.hpp"
#include "spillway/base/text.hpp"

namespace spillway::config {
namespace {

constexpr std::string_view hash_prefix = "sha256:";

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

KeyDigest key_digest(std::string_view key) {
  KeyDigest digest{};
  if (EVP_Digest(key.data(), key.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return digest;
}

std::optional<KeyDigest> written_key_digest(std::string_view text) {
  if (!iequals(text.substr(0, hash_prefix.size()), hash_prefix)) return key_digest(text);
  text.remove_prefix(hash_prefix.size());
  KeyDigest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const auto high = hex_digit(text[2 * i]);
    const auto low = hex_digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return digest;
}

}  // namespace spillway::config
