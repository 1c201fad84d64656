#include "token_mint.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "jwt.hpp"
#include "order.hpp"

namespace spillway::lab {
namespace {

constexpr std::array<std::string_view, 10> flaws = {"expired",      "not_yet",     "wrong_audience", "wrong_issuer",
                                                    "wrong_tenant", "unknown_key", "wrong_key",      "tampered",
                                                    "unsigned",     "symmetric"};
constexpr std::string_view default_audience = "api://spillway";
constexpr std::int64_t hour = 3600;
constexpr std::int64_t longest_lifetime = 315'360'000;  // ten years

std::string list_of_flaws() {
  std::string out;
  for (const std::string_view flaw : flaws) out += (out.empty() ? "" : ", ") + std::string(flaw);
  return out;
}

// Null takes a member away.
void apply(const Json& changes, Json& to) {
  if (!changes.is_object()) return;
  for (const auto& [key, value] : changes.items()) {
    if (value.is_null()) {
      to.erase(key);
    } else {
      to[key] = value;
    }
  }
}

void spoil_claims(std::string_view flaw, Json& claims, std::int64_t now) {
  const auto valid = [&](std::int64_t from, std::int64_t until) {
    claims["iat"] = now + from;
    claims["nbf"] = now + from;
    claims["exp"] = now + until;
  };
  if (flaw == "expired") valid(-2 * hour, -hour);
  if (flaw == "not_yet") valid(hour, 2 * hour);
  if (flaw == "wrong_audience") claims["aud"] = "https://wrong-audience.example";
  if (flaw == "wrong_issuer") claims["iss"] = "https://wrong-issuer.example/v2.0";
  if (flaw == "wrong_tenant") claims["tid"] = "00000000-0000-4000-8000-000000000000";
}

// Signed with the text of the public key as a secret, as RFC 8725 2.1 warns of.
std::string symmetric(Json header, const Json& claims, const SigningKey& key) {
  header["alg"] = "HS256";
  const std::string text = signing_input(header, claims);
  const std::string secret = key.pem();
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return text + "." + base64url(std::span(mac.data(), size));
}

std::string write_token(std::string_view flaw, Json header, const Json& claims, const SigningKey& key) {
  const auto write = [&](const SigningKey& signer) {
    const std::string text = signing_input(header, claims);
    return text + "." + base64url(signer.sign(text));
  };
  if (flaw == "symmetric") return symmetric(header, claims, key);
  if (flaw == "unsigned") {
    header["alg"] = "none";
    return signing_input(header, claims) + ".";
  }
  if (flaw == "tampered") {
    Json more = claims;
    more["roles"] = {"Everything.Do"};
    const std::string token = write(key);
    return signing_input(header, more) + token.substr(token.rfind('.'));
  }
  if (flaw != "unknown_key" && flaw != "wrong_key") return write(key);
  const SigningKey stranger = SigningKey::generate(key.algorithm());
  if (flaw == "unknown_key") header["kid"] = stranger.kid();
  return write(stranger);
}

}  // namespace

Answer mint(std::string_view body, TokenIssuer& issuer, Moment moment) {
  Order order(body, {"audience", "client_id", "version", "algorithm", "expires_in", "claims", "header", "flaw"});
  const std::string flaw = order.text("flaw");
  if (!flaw.empty() && std::find(flaws.begin(), flaws.end(), flaw) == flaws.end()) {
    order.refuse(400, "flaw is one of " + list_of_flaws());
  }
  const std::string named = order.text("algorithm");
  const auto algorithm = named.empty() ? issuer.config().algorithm : algorithm_of(named);
  if (!algorithm || *algorithm == Algorithm::ps256) order.refuse(400, "algorithm is RS256 or ES256");
  const auto version = order.whole("version", 1, 2);
  const auto lifetime = order.whole("expires_in", -longest_lifetime, longest_lifetime);
  const std::string audience = order.text("audience");
  PrincipalConfig principal;
  principal.client_id = order.text("client_id");
  if (!order.good()) return order.refusal();

  if (principal.client_id.empty()) principal.client_id = issuer.guid();
  principal.object_id = issuer.guid();
  Json claims = issuer.claims(principal, audience.empty() ? default_audience : std::string_view(audience),
                              static_cast<int>(version.value_or(2)), lifetime.value_or(hour), moment);
  apply(order.value("claims"), claims);
  spoil_claims(flaw, claims, moment.unix_seconds);

  const SigningKey& key = issuer.keys().current(*algorithm);
  Json header = {{"typ", "JWT"}, {"alg", name(*algorithm)}, {"kid", key.kid()}};
  apply(order.value("header"), header);
  const std::string token = write_token(flaw, std::move(header), claims, key);
  return json_answer(200, {{"access_token", token}, {"token_type", "Bearer"}, {"claims", claims}});
}

}  // namespace spillway::lab
