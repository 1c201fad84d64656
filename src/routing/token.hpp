#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "spillway/routing/token_keys.hpp"
#include "spillway/routing/token_refusal.hpp"

namespace spillway::routing {

// What a token says. Nothing of it is to be believed before the signature has been checked.
struct Token {
  SigningAlgorithm algorithm = SigningAlgorithm::rs256;
  std::string kid;
  std::string_view signed_part;  // of the text it was read from
  std::string signature;
  nlohmann::json claims;  // an object with a string `iss`

  static constexpr std::size_t max_size = 16 << 10;

  const std::string& issuer() const { return claims.find("iss")->get_ref<const std::string&>(); }
};

// Reads a compact JWS (RFC 7515 7.1). `text` outlives the token.
// Refuses `crit` (RFC 7515 4.1.11: nothing of that kind is understood here) and takes no notice of keys and addresses
// of keys in the header: a token does not say what to check it with.
std::variant<Token, TokenRefusal> read_token(std::string_view text);

}  // namespace spillway::routing
