#include "token_claims.hpp"

#include <algorithm>
#include <cmath>

#include "spillway/base/text.hpp"
#include "token_text.hpp"

namespace spillway::routing {
namespace {

using nlohmann::json;

constexpr std::string_view application_scheme = "api://";
constexpr double last_second = 9'000'000'000;  // what a WallTime can hold, with room to spare: the year 2255

// Version 1 tokens of the cloud in China come from a service of its own.
constexpr std::string_view china[] = {"https://login.partner.microsoftonline.cn", "https://login.chinacloudapi.cn"};
constexpr std::string_view china_service = "https://sts.chinacloudapi.cn/";
constexpr std::string_view service = "https://sts.windows.net/";

// A NumericDate may have a fraction; whole seconds are enough here, rounded to the strict side by `round`.
std::optional<WallTime> date(const json& claims, const char* name, double (*round)(double)) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = std::clamp(round(found->get<double>()), 0.0, last_second);
  return WallTime(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

std::string_view without_scheme(std::string_view audience) {
  if (audience.starts_with(application_scheme)) audience.remove_prefix(application_scheme.size());
  return audience;
}

bool fits_audience(const config::Entra& entra, const json& claims) {
  const auto audience = string_of(claims, "aud");
  if (!audience) return false;
  return std::any_of(entra.audiences.begin(), entra.audiences.end(), [&](const std::string& accepted) {
    return without_scheme(accepted) == without_scheme(*audience);
  });
}

// `azp` in tokens of version 2, `appid` in those of version 1.
bool fits_application(const config::Entra& entra, const json& claims) {
  if (entra.client_ids.empty()) return true;
  const auto application = string_of(claims, claims.contains("azp") ? "azp" : "appid");
  return application && std::any_of(entra.client_ids.begin(), entra.client_ids.end(),
                                    [&](const std::string& accepted) { return iequals(accepted, *application); });
}

bool is_one_of(std::string_view value, const std::vector<std::string>& accepted) {
  return std::find(accepted.begin(), accepted.end(), value) != accepted.end();
}

// `scp` holds scopes with spaces between them (RFC 8693 4.2).
bool has_scope(std::string_view scopes, const std::vector<std::string>& accepted) {
  while (!scopes.empty()) {
    const std::string_view scope = scopes.substr(0, scopes.find(' '));
    if (is_one_of(scope, accepted)) return true;
    scopes.remove_prefix(std::min(scopes.size(), scope.size() + 1));
  }
  return false;
}

bool has_value(const json& claim, const std::vector<std::string>& accepted) {
  if (claim.is_string()) return is_one_of(claim.get_ref<const std::string&>(), accepted);
  if (claim.is_boolean() || claim.is_number_integer()) return is_one_of(claim.dump(), accepted);
  return claim.is_array() && std::any_of(claim.begin(), claim.end(), [&](const json& item) {
           return item.is_string() && is_one_of(item.get_ref<const std::string&>(), accepted);
         });
}

bool has_claim(const json& claims, const std::string& name, const std::vector<std::string>& accepted) {
  const auto claim = claims.find(name);
  if (claim == claims.end()) return false;
  if (name == "scp" && claim->is_string()) return has_scope(claim->get_ref<const std::string&>(), accepted);
  return has_value(*claim, accepted);
}

}  // namespace

std::optional<WallTime> expiry(const json& claims) {
  return date(claims, "exp", [](double seconds) { return std::floor(seconds); });
}

std::optional<TokenRefusal> check_claims(const config::Entra& entra, const json& claims, WallTime now) {
  const auto end = expiry(claims);
  const auto begin = date(claims, "nbf", [](double seconds) { return std::ceil(seconds); });
  if (!end || (claims.contains("nbf") && !begin)) return TokenRefusal::malformed;
  if (!fits_audience(entra, claims)) return TokenRefusal::wrong_audience;
  if (now >= *end + clock_skew) return TokenRefusal::expired;
  if (begin && now < *begin - clock_skew) return TokenRefusal::not_yet_valid;
  if (!fits_application(entra, claims)) return TokenRefusal::wrong_application;
  for (const auto& [name, values] : entra.required_claims) {
    if (!has_claim(claims, name, values)) return TokenRefusal::missing_claim;
  }
  return std::nullopt;
}

std::vector<std::string> issuers(std::string_view authority, std::string_view tenant) {
  const bool in_china = std::find(std::begin(china), std::end(china), authority) != std::end(china);
  return {std::string(authority).append("/").append(tenant).append("/v2.0"),
          std::string(in_china ? china_service : service).append(tenant).append("/")};
}

std::optional<std::string> tenant_of(std::string_view issuer) {
  while (!issuer.empty()) {
    const std::string_view part = issuer.substr(0, issuer.find('/'));
    if (config::is_guid(part)) return lower(part);
    issuer.remove_prefix(std::min(issuer.size(), part.size() + 1));
  }
  return std::nullopt;
}

}  // namespace spillway::routing
