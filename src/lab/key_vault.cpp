#include "key_vault.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"

// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
namespace spillway::lab {
namespace {

constexpr std::string_view secrets_path = "/secrets/";
constexpr std::int64_t configured_at = 1'700'000'000;  // what `created` says of the file's secrets

Answer error(int status, std::string_view code, std::string_view message, std::string_view inner = {}) {
  Json body = {{"code", code}, {"message", message}};
  if (!inner.empty()) body["innererror"] = {{"code", inner}};
  return json_answer(status, {{"error", body}});
}

// `NAME`, `NAME/` and `NAME/VERSION` below /secrets/.
struct SecretPath {
  std::string name;
  std::string version;
};

std::optional<SecretPath> read_path(std::string_view path) {
  if (path.substr(0, secrets_path.size()) != secrets_path) return std::nullopt;
  path.remove_prefix(secrets_path.size());
  const std::size_t slash = path.find('/');
  SecretPath out = {std::string(path.substr(0, slash)), ""};
  if (slash != std::string_view::npos) out.version = path.substr(slash + 1);
  if (out.name.empty() || out.version.find('/') != std::string::npos) return std::nullopt;
  return out;
}

Answer not_found(const std::string& name) {
  return error(404, "SecretNotFound",
               "A secret with (name/id) " + name +
                   " was not found in this key vault. If you recently deleted this secret you may be able to recover "
                   "it using the correct recovery command. For help resolving this issue, please see "
                   "https://go.microsoft.com/fwlink/?linkid=2125182");
}

std::string text_for(const CheckedToken& token, const std::string& resource) {
  switch (token.flaw) {
    case TokenFlaw::audience:
      return "AKV10022: Invalid audience. Expected " + resource + ", found: " + token.audience + ".";
    case TokenFlaw::unknown_key: return "AKV10046: Unable to resolve the key used for signature validation.";
    case TokenFlaw::issuer: return "AKV10032: Invalid issuer.";
    case TokenFlaw::expired: return "[TokenExpired] Error validating token: 'S2S12005'.";
    default: return "Error validating token: 'S2S17001'.";
  }
}

}  // namespace

KeyVault::KeyVault(KeyVaultConfig config, TokenIssuer& issuer, std::uint64_t seed)
    : config_(std::move(config)), issuer_(issuer), ids_(hash("key vault", seed)) {
  reset();
}

void KeyVault::reset() {
  secrets_.clear();
  for (const auto& [name, value] : config_.secrets) set(name, {value, true, std::nullopt}, configured_at);
}

bool KeyVault::set(const std::string& name, NewVersion version, std::int64_t unix_seconds) {
  if (!is_secret_name(name)) return false;
  Secret& secret = secrets_[lower(name)];
  if (secret.name.empty()) secret.name = name;
  secret.versions.push_back({ids_.hex(32), std::move(version.value), unix_seconds, version.enabled, version.expires});
  return true;
}

bool KeyVault::remove(const std::string& name) {
  return secrets_.erase(lower(name)) > 0;
}

std::string KeyVault::operation(const Request& request) const {
  return read_path(request.path) ? "secret" : "-";
}

std::optional<Answer> KeyVault::refuse(const Request& request, Moment moment) const {
  const std::string_view token = request.bearer();
  CheckedToken checked;
  if (!token.empty()) checked = issuer_.check(token, {config_.resource}, moment);
  if (token.empty() || checked.flaw != TokenFlaw::none) {
    Answer answer = error(
        401, "Unauthorized",
        token.empty() ? "AKV10000: Request is missing a Bearer or PoP token." : text_for(checked, config_.resource));
    answer.fields.push_back({"WWW-Authenticate", "Bearer authorization=\"" + issuer_.authority() + "/" +
                                                     issuer_.tenant() + "\", resource=\"" + config_.resource + "\""});
    return answer;
  }
  const auto& readers = config_.readers;
  if (!readers.empty() && std::find(readers.begin(), readers.end(), checked.client_id) == readers.end()) {
    return error(403, "Forbidden",
                 "Caller is not authorized to perform action on resource. Caller: appid=" + checked.client_id +
                     ". Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'.",
                 "ForbiddenByRbac");
  }
  return std::nullopt;
}

Answer KeyVault::respond(const Request& request, Moment moment) {
  const auto answered = [&]() -> Answer {
    const auto path = read_path(request.path);
    if (!path) return error(404, "NotFound", "The resource was not found.");
    if (auto refused = refuse(request, moment)) return *refused;
    if (request.method != "GET") return error(405, "MethodNotAllowed", "Only GET is simulated here.");
    const std::string version = http::query_value(request.query, "api-version").value_or("");
    if (version.empty()) return error(400, "BadParameter", "api-version must be specified");
    // Versions were numbers first, then dates.
    const bool known = version.substr(0, 2) == "7." || (version.size() >= 10 && version >= "2025-");
    if (!known) return error(400, "BadParameter", "The specified version is not recognized.");
    return secret(request, path->name, path->version);
  };
  Answer answer = answered();
  answer.fields.push_back({"x-ms-request-id", ids_.guid()});
  answer.fields.push_back({"x-ms-keyvault-service-version", "1.9.0"});
  answer.fields.push_back({"cache-control", "no-cache"});
  return answer;
}

Answer KeyVault::secret(const Request& request, const std::string& name, const std::string& version) const {
  const auto found = secrets_.find(lower(name));
  if (found == secrets_.end()) return not_found(name);
  const auto& versions = found->second.versions;
  const auto wanted = version.empty() ? std::prev(versions.end())
                                      : std::find_if(versions.begin(), versions.end(),
                                                     [&](const Version& one) { return one.id == version; });
  if (wanted == versions.end()) return not_found(name + "/" + version);
  if (!wanted->enabled) {
    return error(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
  }
  Json attributes = {{"enabled", true}, {"created", wanted->created}, {"updated", wanted->created}};
  if (wanted->expires) attributes["exp"] = *wanted->expires;
  attributes["recoveryLevel"] = "Recoverable+Purgeable";
  attributes["recoverableDays"] = 90;
  return json_answer(200, {{"value", wanted->value},
                           {"id", "http://" + std::string(request.field("host")) + std::string(secrets_path) +
                                      found->second.name + "/" + wanted->id},
                           {"attributes", attributes}});
}

Answer KeyVault::outage(int status, Moment) {
  switch (status) {
    case 401: return error(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");
    case 403:
      return error(403, "Forbidden", "Client address is not authorized and caller is not a trusted service.",
                   "ForbiddenByFirewall");
    case 404: return not_found("-");
    case 429:
      return error(429, "Throttled",
                   "Request was not processed because too many requests were received. Reason: "
                   "VaultRequestTypeLimitReached");
    default:
      return error(status, status < 500 ? "BadParameter" : "InternalServerError", "The request could not be served.");
  }
}

Json KeyVault::report() const {
  Json names = Json::object();
  for (const auto& [key, secret] : secrets_) {
    Json& versions = names[secret.name];
    for (const Version& version : secret.versions) versions.push_back(version.id);
  }
  return {{"secrets", names}};
}

std::string KeyVault::hint(const std::string& url) const {
  return url + std::string(secrets_path) + "NAME";
}

}  // namespace spillway::lab
