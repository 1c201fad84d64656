#include "spillway/routing/token_refusal.hpp"

namespace spillway::routing {
namespace {

struct Row {
  std::string_view name;
  TokenAnswer answer;
};

constexpr std::string_view invalid = "invalid_token";
constexpr std::string_view not_allowed = "token_not_allowed";

constexpr Row row(TokenRefusal refusal) noexcept {
  switch (refusal) {
    case TokenRefusal::malformed:
      return {"malformed", {401, invalid, "The access token is not a JSON web token that can be read."}};
    case TokenRefusal::not_signed: return {"not_signed", {401, invalid, "The access token is not signed."}};
    case TokenRefusal::wrong_algorithm:
      return {"wrong_algorithm",
              {401, invalid, "The access token is signed with an algorithm that is not accepted here."}};
    case TokenRefusal::wrong_issuer:
      return {"wrong_issuer", {401, invalid, "The access token comes from an issuer that is not accepted here."}};
    case TokenRefusal::no_keys:
      return {"no_keys", {503, "token_keys_unavailable", "Access tokens cannot be checked at the moment."}};
    case TokenRefusal::unknown_key:
      return {"unknown_key", {401, invalid, "The access token is signed with a key its issuer is not known to have."}};
    case TokenRefusal::bad_signature:
      return {"bad_signature", {401, invalid, "The signature of the access token is not valid."}};
    case TokenRefusal::wrong_audience:
      return {"wrong_audience", {401, invalid, "The access token is meant for another audience."}};
    case TokenRefusal::expired: return {"expired", {401, invalid, "The access token has expired."}};
    case TokenRefusal::not_yet_valid: return {"not_yet_valid", {401, invalid, "The access token is not valid yet."}};
    case TokenRefusal::wrong_application:
      return {"wrong_application", {403, not_allowed, "The application of the access token may not call here."}};
    case TokenRefusal::missing_claim:
      return {"missing_claim",
              {403, not_allowed, "The access token lacks a role, scope or other claim it needs here."}};
  }
  return {"malformed", {401, invalid, "The access token is not valid."}};
}

}  // namespace

TokenAnswer answer(TokenRefusal refusal) noexcept {
  return row(refusal).answer;
}

std::string_view name(TokenRefusal refusal) noexcept {
  return row(refusal).name;
}

}  // namespace spillway::routing
