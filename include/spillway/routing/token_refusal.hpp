#pragma once

#include <string_view>

namespace spillway::routing {

// Why an access token is not taken, in the order in which that is looked at: each later one is nearer to being taken.
enum class TokenRefusal {
  malformed,          // no compact JWS (RFC 7515 7.1) with JSON objects, or without `kid`, `iss` or `exp`
  not_signed,         // `alg: none`, or nothing where the signature should be
  wrong_algorithm,    // neither RS256 nor ES256, or not what the key of that `kid` is for
  wrong_issuer,       // no tenant of the configuration issued it
  no_keys,            // the tenant's keys are not known yet
  unknown_key,        // the tenant has no key of that `kid`: a new one, perhaps, so the keys should be fetched again
  bad_signature,      // changed, or signed with another key
  wrong_audience,     // meant for another service
  expired,            // past `exp`
  not_yet_valid,      // before `nbf`
  wrong_application,  // the calling application (`azp`, `appid`) may not call
  missing_claim,      // a role, scope or other claim is missing
};

// What the client is told. Names nothing of the configuration and nothing of the token.
struct TokenAnswer {
  int status;             // 401; 403 for a token that is in order but not allowed; 503 while there are no keys
  std::string_view code;  // `invalid_token`, `token_not_allowed`, `token_keys_unavailable`
  std::string_view message;
};
TokenAnswer answer(TokenRefusal refusal) noexcept;

// `malformed`, `not_signed` and so on, for logs and metrics.
std::string_view name(TokenRefusal refusal) noexcept;

}  // namespace spillway::routing
