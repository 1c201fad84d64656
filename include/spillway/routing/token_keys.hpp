#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace spillway::routing {

// RFC 7518 3.3 and 3.4. No other is ever accepted: `none` is no signature, HS256 would take the public key for a
// secret.
enum class SigningAlgorithm { rs256, es256 };

// The public keys a tenant signs its tokens with. Immutable, so any thread may use it.
class TokenKeys {
 public:
  struct Key {
    std::string kid;
    SigningAlgorithm algorithm = SigningAlgorithm::rs256;
    // Whose tokens it signs, as Entra ID's key sets say: `https://HOST/{tenantid}/v2.0` is every tenant's; empty =
    // not said.
    std::string issuer;
    std::shared_ptr<evp_pkey_st> key;
  };

  // A JWKS document (RFC 7517 5) of at most 1 MiB. Keeps RSA keys of 2048 to 8192 bits and P-256 keys that have a
  // `kid` and are for signatures; passes over all others. Null when that leaves none.
  static std::shared_ptr<const TokenKeys> parse(std::string_view jwks);

  const std::vector<Key>& keys() const noexcept { return keys_; }
  bool has(std::string_view kid) const noexcept;
  // The key of that name and kind (RFC 7517 4.5: a name may stand for one of each), or null.
  const Key* find(std::string_view kid, SigningAlgorithm algorithm) const noexcept;
  bool operator==(const TokenKeys& other) const;

 private:
  std::vector<Key> keys_;
};

// Whether `signature` is that of `text`. ES256: r and s, 32 bytes each (RFC 7518 3.4).
bool verify_signature(const TokenKeys::Key& key, std::string_view text, std::string_view signature);

// What a tenant says of itself under `{authority}/{tenant}/v2.0/.well-known/openid-configuration` (OpenID Connect
// Discovery 1.0, 4).
struct TenantMetadata {
  std::string issuer;    // of its tokens
  std::string jwks_uri;  // where its keys are
};
// Nothing when the document is no JSON object with both.
std::optional<TenantMetadata> parse_metadata(std::string_view document);

}  // namespace spillway::routing
