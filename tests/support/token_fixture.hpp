#pragma once

#include <openssl/types.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "spillway/base/time.hpp"
#include "spillway/config/client_identity.hpp"
#include "spillway/routing/token_keys.hpp"

// Tokens and key sets, made with keys that only the test has.
namespace spillway::routing::test {

using nlohmann::json;

std::string base64url(std::string_view bytes);

// A key pair with the name it has in a key set.
class Signer {
 public:
  static Signer rsa(std::string kid, unsigned bits = 2048);
  static Signer p256(std::string kid);

  const std::string& kid() const { return kid_; }
  json jwk() const;
  // RS256 or ES256 over the text, as JWS has it.
  std::string sign(std::string_view text) const;
  // A token with this header and these claims.
  std::string token(const json& header, const json& claims) const;
  // The same with the header Entra ID writes.
  std::string token(const json& claims) const;
  json header() const;

 private:
  Signer(std::string kid, EVP_PKEY* key, bool ec);

  std::string kid_;
  std::shared_ptr<EVP_PKEY> key_;
  bool ec_;
};

// The same ones for all tests: making an RSA key takes its time.
const Signer& first_signer();   // RSA, "first"
const Signer& second_signer();  // P-256, "second"
const Signer& other_signer();   // RSA, "first" too, but not in any key set

std::string jwks(const std::vector<json>& keys);
std::shared_ptr<const TokenKeys> keys(const std::vector<json>& keys);

inline const std::string tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
inline const std::string other_tenant = "11111111-2222-3333-4444-555555555555";
inline const std::string application = "aaaaaaaa-0000-4000-8000-00000000000a";

// The moment the tests happen at.
inline constexpr std::int64_t now_seconds = 1'800'000'000;
inline constexpr WallTime now{std::chrono::seconds(now_seconds)};

// What `tenant` says in a token of version 2 for `api://spillway`, that begins now and ends in an hour.
json claims();
// `tenant`, the audience `spillway`, nothing else asked for.
config::Entra entra();

}  // namespace spillway::routing::test
