#include "spillway/routing/token_keys.hpp"

#include <algorithm>
#include <utility>

#include "public_key.hpp"
#include "spillway/base/base64url.hpp"
#include "token_text.hpp"

namespace spillway::routing {
namespace {

using nlohmann::json;

constexpr std::size_t longest_document = 1 << 20;
constexpr std::size_t most_keys = 256;

// What a key may be left silent about, but not say otherwise.
bool says_other(const json& key, const char* name, std::string_view value) {
  return key.contains(name) && string_of(key, name) != value;
}

std::shared_ptr<evp_pkey_st> number_key(const json& key, SigningAlgorithm algorithm) {
  const bool rsa = algorithm == SigningAlgorithm::rs256;
  const auto first = string_of(key, rsa ? "n" : "x");
  const auto second = string_of(key, rsa ? "e" : "y");
  if (!first || !second) return nullptr;
  const auto a = decode_base64url(*first);
  const auto b = decode_base64url(*second);
  if (!a || !b) return nullptr;
  return rsa ? rsa_key(*a, *b) : p256_key(*a, *b);
}

// Null key: not usable here.
TokenKeys::Key read_key(const json& item) {
  if (!item.is_object() || says_other(item, "use", "sig")) return {};
  const auto kid = string_of(item, "kid");
  const auto type = string_of(item, "kty");
  if (!kid || kid->empty() || !type) return {};
  TokenKeys::Key key;
  if (type == "RSA" && !says_other(item, "alg", "RS256")) {
    key.algorithm = SigningAlgorithm::rs256;
  } else if (type == "EC" && string_of(item, "crv") == "P-256" && !says_other(item, "alg", "ES256")) {
    key.algorithm = SigningAlgorithm::es256;
  } else {
    return {};
  }
  key.kid = *kid;
  key.issuer = string_of(item, "issuer").value_or("");
  key.key = number_key(item, key.algorithm);
  return key;
}

}  // namespace

std::shared_ptr<const TokenKeys> TokenKeys::parse(std::string_view jwks) {
  if (jwks.size() > longest_document) return nullptr;
  const auto document = parse_object(jwks);
  if (!document) return nullptr;
  const auto list = document->find("keys");
  if (list == document->end() || !list->is_array() || list->size() > most_keys) return nullptr;
  auto keys = std::make_shared<TokenKeys>();
  for (const json& item : *list) {
    Key key = read_key(item);
    if (key.key != nullptr && keys->find(key.kid, key.algorithm) == nullptr) keys->keys_.push_back(std::move(key));
  }
  return keys->keys_.empty() ? nullptr : keys;
}

bool TokenKeys::has(std::string_view kid) const noexcept {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) { return key.kid == kid; });
}

const TokenKeys::Key* TokenKeys::find(std::string_view kid, SigningAlgorithm algorithm) const noexcept {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const Key& key) { return key.kid == kid && key.algorithm == algorithm; });
  return found == keys_.end() ? nullptr : &*found;
}

bool TokenKeys::operator==(const TokenKeys& other) const {
  return std::equal(keys_.begin(), keys_.end(), other.keys_.begin(), other.keys_.end(), [](const Key& a, const Key& b) {
    return a.kid == b.kid && a.algorithm == b.algorithm && a.issuer == b.issuer && same_key(*a.key, *b.key);
  });
}

bool verify_signature(const TokenKeys::Key& key, std::string_view text, std::string_view signature) {
  if (key.algorithm == SigningAlgorithm::rs256) return verifies(*key.key, text, signature);
  const std::string der = ecdsa_der(signature);
  return !der.empty() && verifies(*key.key, text, der);
}

std::optional<TenantMetadata> parse_metadata(std::string_view document) {
  if (document.size() > longest_document) return std::nullopt;
  const auto object = parse_object(document);
  if (!object) return std::nullopt;
  const auto issuer = string_of(*object, "issuer");
  const auto jwks_uri = string_of(*object, "jwks_uri");
  if (!issuer || !jwks_uri || issuer->empty() || jwks_uri->empty()) return std::nullopt;
  return TenantMetadata{std::string(*issuer), std::string(*jwks_uri)};
}

}  // namespace spillway::routing
