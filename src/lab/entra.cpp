#include "entra.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client_assertion.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
namespace spillway::lab {
namespace {

constexpr std::string_view assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view default_scope = "/.default";

struct Place {
  std::string_view path;  // below the tenant
  std::string_view operation;
  std::string_view method;
};
constexpr Place places[] = {{"/oauth2/v2.0/token", "token", "POST"},
                            {"/v2.0/.well-known/openid-configuration", "metadata", "GET"},
                            {"/.well-known/openid-configuration", "metadata_v1", "GET"},
                            {"/discovery/v2.0/keys", "keys", "GET"},
                            {"/discovery/keys", "keys", "GET"}};

struct Target {
  std::string_view tenant;
  const Place* place = nullptr;
};

Target target_of(std::string_view path) {
  Target target;
  if (path.empty() || path.front() != '/') return target;
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return target;
  target.tenant = path.substr(0, slash);
  for (const Place& place : places) {
    if (place.path == path.substr(slash)) target.place = &place;
  }
  return target;
}

std::string base_of(const Request& request, const std::string& otherwise) {
  const std::string_view host = request.field("host");
  return host.empty() ? otherwise : "http://" + std::string(host);
}

// application/x-www-form-urlencoded
std::string with_spaces_escaped(std::string_view body) {
  std::string out;
  for (const char c : body) {
    if (c == '+') {
      out += "%20";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string Entra::operation(const Request& request) const {
  const Target target = target_of(request.path);
  return target.place == nullptr ? "-" : std::string(target.place->operation);
}

Answer Entra::refuse(const EntraError& error, const Request& request, Moment moment) {
  const std::string_view given = request.field("client-request-id");
  const std::string correlation = given.empty() ? issuer_.guid() : std::string(given);
  return entra_answer(error, moment, issuer_.guid(), correlation);
}

Answer Entra::respond(const Request& request, Moment moment) {
  const Target target = target_of(request.path);
  if (target.place == nullptr) return text_answer(404, "text/html", "");
  if (request.method != target.place->method) {
    return refuse({405, 900561, "invalid_request", "The endpoint only accepts another method."}, request, moment);
  }
  if (!iequals(target.tenant, issuer_.tenant())) return refuse(unknown_tenant(target.tenant), request, moment);
  if (target.place->operation == "keys") return json_answer(200, issuer_.keys().jwks(moment.now));
  if (target.place->operation == "metadata") return metadata(request, 2);
  if (target.place->operation == "metadata_v1") return metadata(request, 1);
  return token(request, moment);
}

Answer Entra::metadata(const Request& request, int version) const {
  const std::string tenant = base_of(request, issuer_.authority()) + "/" + issuer_.tenant();
  const std::string surface = version == 2 ? "/v2.0" : "";
  return json_answer(200, {{"token_endpoint", tenant + "/oauth2" + surface + "/token"},
                           {"token_endpoint_auth_methods_supported", {"client_secret_post", "private_key_jwt"}},
                           {"jwks_uri", tenant + "/discovery" + surface + "/keys"},
                           {"response_types_supported", {"code", "id_token", "code id_token", "id_token token"}},
                           {"subject_types_supported", {"pairwise"}},
                           {"id_token_signing_alg_values_supported", {"RS256", "ES256"}},
                           {"scopes_supported", {"openid", "profile", "email", "offline_access"}},
                           {"issuer", issuer_.issuer(version)},
                           {"authorization_endpoint", tenant + "/oauth2" + surface + "/authorize"}});
}

Answer Entra::token(const Request& request, Moment moment) {
  const std::string form = with_spaces_escaped(request.body);
  const auto value = [&](std::string_view name) { return http::query_value(form, name).value_or(""); };
  const auto no = [&](const EntraError& error) { return refuse(error, request, moment); };
  for (const char* name : {"grant_type", "client_id", "scope"}) {
    if (value(name).empty()) return no(missing_parameter(name));
  }
  if (value("grant_type") != "client_credentials") return no(unsupported_grant(value("grant_type")));
  const std::string client_id = value("client_id");
  const auto application = std::find_if(applications_.begin(), applications_.end(), [&](const ApplicationConfig& one) {
    return iequals(one.principal.client_id, client_id);
  });
  if (application == applications_.end()) return no(unknown_application(client_id, issuer_.tenant()));

  const std::string secret = value("client_secret");
  const std::string assertion = value("client_assertion");
  if (secret.empty() && (assertion.empty() || value("client_assertion_type") != assertion_type)) {
    return no(no_credential());
  }
  if (!secret.empty()) {
    const auto& known = application->secrets;
    if (std::find(known.begin(), known.end(), secret) == known.end()) return no(wrong_secret());
  } else {
    const std::string host = std::string(request.field("host")) + std::string(request.path);
    const auto error = check_assertion(assertion, *application,
                                       {"http://" + host, "https://" + host, issuer_.issuer(2)}, moment.unix_seconds);
    if (error) return no(*error);
  }

  const std::string scope = value("scope");
  const std::size_t suffix = scope.size() - std::min(scope.size(), default_scope.size());
  if (suffix == 0 || scope.substr(suffix) != default_scope) return no(bad_scope(scope));
  const Grant grant = issuer_.issue(application->principal, scope.substr(0, suffix), moment);
  Json answer = {{"token_type", "Bearer"},
                 {"expires_in", grant.expires_in},
                 {"ext_expires_in", grant.expires_in},
                 {"access_token", grant.token}};
  if (grant.refresh_in) answer["refresh_in"] = *grant.refresh_in;
  return json_answer(200, answer);
}

Answer Entra::outage(int status, Moment moment) {
  return entra_answer(entra_outage(status), moment, issuer_.guid(), issuer_.guid());
}

Json Entra::report() const {
  Json clients = Json::array();
  for (const ApplicationConfig& application : applications_) clients.push_back(application.principal.client_id);
  return {{"applications", clients}};
}

std::string Entra::hint(const std::string& url) const {
  return "AZURE_AUTHORITY_HOST=" + url + "/ AZURE_TENANT_ID=" + issuer_.tenant();
}

}  // namespace spillway::lab
