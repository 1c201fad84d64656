#include "token_issuer.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "spillway/base/text.hpp"

namespace spillway::lab {
namespace {

std::int64_t whole_seconds(Milliseconds duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// As `scp` lists scopes (RFC 8693 4.2).
std::string with_spaces(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// Every token has a number of its own at the end of `uti`, by which it can be revoked: `iat` is too coarse for that.
std::optional<std::uint64_t> number_of_token(const Json& claims) {
  const std::string uti = text_of(member(claims, "uti"));
  const std::size_t dash = uti.rfind('-');
  if (dash == std::string::npos) return std::nullopt;
  return parse_number<std::uint64_t>(std::string_view(uti).substr(dash + 1));
}

}  // namespace

std::string_view name(TokenFlaw flaw) noexcept {
  constexpr std::array<std::string_view, 10> names = {"accepted", "malformed", "algorithm", "unknown_key", "signature",
                                                      "issuer",   "audience",  "not_yet",   "expired",     "revoked"};
  return names[static_cast<std::size_t>(flaw)];
}

TokenIssuer::TokenIssuer(TokenConfig config, std::uint64_t seed, KeyRing keys)
    : config_(std::move(config)),
      authority_("https://login.microsoftonline.com"),
      keys_(std::move(keys)),
      ids_(hash(config_.tenant, seed)),
      lifetime_(config_.lifetime),
      refresh_in_(config_.refresh_in) {}

std::string TokenIssuer::issuer(int version) const {
  if (version == 2) return config_.issuer.empty() ? authority_ + "/" + config_.tenant + "/v2.0" : config_.issuer;
  return config_.v1_issuer.empty() ? "https://sts.windows.net/" + config_.tenant + "/" : config_.v1_issuer;
}

Json TokenIssuer::claims(const PrincipalConfig& principal, std::string_view audience, int version,
                         std::int64_t lifetime, Moment moment) {
  const std::int64_t now = moment.unix_seconds;
  Json out = {{"aud", audience}, {"iss", issuer(version)}, {"iat", now}, {"nbf", now}, {"exp", now + lifetime}};
  out[version == 2 ? "azp" : "appid"] = principal.client_id;
  out[version == 2 ? "azpacr" : "appidacr"] = "2";
  out["idtyp"] = principal.scopes.empty() ? "app" : "user";
  out["oid"] = principal.object_id;
  if (!principal.roles.empty()) out["roles"] = principal.roles;
  if (!principal.scopes.empty()) out["scp"] = with_spaces(principal.scopes);
  out["sub"] = principal.object_id;
  out["tid"] = config_.tenant;
  out["uti"] = ids_.hex(16) + "-" + std::to_string(next_++);
  out["ver"] = version == 2 ? "2.0" : "1.0";
  return out;
}

Grant TokenIssuer::issue(const PrincipalConfig& principal, std::string_view audience, Moment moment) {
  Grant grant;
  grant.expires_in = whole_seconds(lifetime_);
  grant.not_before = moment.unix_seconds;
  grant.expires_on = moment.unix_seconds + grant.expires_in;
  if (refresh_in_) grant.refresh_in = whole_seconds(*refresh_in_);
  grant.token = make_jwt(claims(principal, audience, config_.version, grant.expires_in, moment),
                         keys_.current(config_.algorithm));
  ++issued_[principal.client_id][std::string(audience)];
  return grant;
}

CheckedToken TokenIssuer::check(std::string_view token, const std::vector<std::string>& audiences,
                                Moment moment) const {
  CheckedToken out;
  const auto jwt = read_jwt(token);
  const auto flawed = [&](TokenFlaw flaw) {
    out.flaw = flaw;
    return out;
  };
  if (!jwt) return flawed(TokenFlaw::malformed);
  const auto algorithm = algorithm_of(jwt->algorithm());
  if (!algorithm) return flawed(TokenFlaw::algorithm);
  const SigningKey* key = keys_.find(jwt->kid(), moment.now);
  if (key == nullptr) return flawed(TokenFlaw::unknown_key);
  // A key is for one algorithm; whoever names another one in the header chooses nothing.
  if (key->algorithm() != *algorithm) return flawed(TokenFlaw::algorithm);
  if (!key->verifies(*algorithm, jwt->signed_text, jwt->signature)) return flawed(TokenFlaw::signature);

  const Json& claims = jwt->claims;
  const std::string appid = text_of(member(claims, "appid"));
  out.client_id = appid.empty() ? text_of(member(claims, "azp")) : appid;
  out.audience = text_of(member(claims, "aud"));
  const std::string issued_by = text_of(member(claims, "iss"));
  const bool intended = std::any_of(audiences.begin(), audiences.end(),
                                    [&](const std::string& audience) { return has_audience(claims, audience); });
  if (issued_by != issuer(1) && issued_by != issuer(2)) return flawed(TokenFlaw::issuer);
  if (!intended) return flawed(TokenFlaw::audience);
  if (number_of(member(claims, "nbf"), 0) > moment.unix_seconds) return flawed(TokenFlaw::not_yet);
  if (number_of(member(claims, "exp"), 0) <= moment.unix_seconds) return flawed(TokenFlaw::expired);
  if (revoked(claims, out.client_id)) return flawed(TokenFlaw::revoked);
  return out;
}

bool TokenIssuer::revoked(const Json& claims, const std::string& client_id) const {
  const auto number = number_of_token(claims);
  const auto below = [&](const std::string& whose) {
    const auto found = revoked_below_.find(whose);
    return found != revoked_below_.end() && number < found->second;
  };
  return number && (below("") || below(client_id));
}

void TokenIssuer::revoke(const std::string& client_id) {
  revoked_below_[client_id] = next_;
}

void TokenIssuer::set_lifetime(std::optional<Milliseconds> lifetime, std::optional<Milliseconds> refresh_in) {
  lifetime_ = lifetime.value_or(config_.lifetime);
  refresh_in_ = lifetime ? refresh_in : config_.refresh_in;
}

void TokenIssuer::reset() {
  set_lifetime(std::nullopt, std::nullopt);
  issued_.clear();
}

Json TokenIssuer::report(TimePoint now) const {
  Json issued = Json::object();
  for (const auto& [client, audiences] : issued_) {
    for (const auto& [audience, count] : audiences) issued[client][audience] = count;
  }
  return {{"tenant", config_.tenant},
          {"issuer", issuer(config_.version)},
          {"expires_in", whole_seconds(lifetime_)},
          {"refresh_in", refresh_in_ ? Json(whole_seconds(*refresh_in_)) : Json()},
          {"issued", issued},
          {"keys", keys_.report(now)}};
}

}  // namespace spillway::lab
