#include "imds.hpp"

#include <nlohmann/json.hpp>

#include "spillway/http/target.hpp"

// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
namespace spillway::lab {
namespace {

constexpr IdentityParameters parameters = {"object_id", "msi_res_id"};

}  // namespace

Answer Imds::error(int status, std::string_view code, std::string_view description) {
  return json_answer(status, {{"error", code}, {"error_description", description}});
}

Json Imds::token_json(const Grant& grant, std::string_view resource, const std::string& client_id) {
  Json out = {{"access_token", grant.token},
              {"client_id", client_id},
              {"expires_in", std::to_string(grant.expires_in)},
              {"expires_on", std::to_string(grant.expires_on)},
              {"ext_expires_in", std::to_string(grant.expires_in)},
              {"not_before", std::to_string(grant.not_before)},
              {"resource", resource},
              {"token_type", "Bearer"}};
  if (grant.refresh_in) out["refresh_in"] = std::to_string(*grant.refresh_in);
  return out;
}

std::string Imds::operation(const Request& request) const {
  return request.path == token_path ? "token" : "-";
}

Answer Imds::respond(const Request& request, Moment moment) {
  if (request.path != token_path) return error(404, "not_found", "Resource not found");
  if (request.method != "GET") return error(405, "invalid_request", "Method not allowed");
  if (request.field("metadata") != "true") {
    return error(400, "invalid_request", "Required metadata header not specified");
  }
  if (!request.field("x-forwarded-for").empty()) {
    return error(400, "invalid_request", "Requests with an X-Forwarded-For header are rejected");
  }
  const auto version = http::query_value(request.query, "api-version");
  if (!version) {
    return json_answer(400, {{"error",
                              "Bad request. api-version was not specified in the request. For more information refer "
                              "to aka.ms/azureimds"},
                             {"newest-versions", {"2021-12-13", "2021-11-15", "2021-11-01"}}});
  }
  if (*version < "2018-02-01") return error(400, "invalid_request", "The api-version is not supported");
  const auto resource = http::query_value(request.query, "resource");
  if (!resource || resource->empty()) {
    return error(400, "invalid_request", "Required audience parameter not specified");
  }
  const ManagedIdentities::Choice choice = identities_.choose(request.query, parameters);
  if (choice.identity == nullptr) return error(400, "invalid_request", choice.problem);
  const PrincipalConfig& principal = choice.identity->principal;
  const Grant grant = identities_.issuer().issue(principal, *resource, moment);
  return json_answer(200, token_json(grant, *resource, principal.client_id));
}

Answer Imds::outage(int status, Moment) {
  switch (status) {
    case 400: return error(400, "invalid_request", "Identity not found");
    case 404: return error(404, "not_found", "IMDS endpoint is updating");
    case 410: return error(410, "gone", "IMDS is going through updates");
    case 429: return error(429, "too_many_requests", "Too many requests");
    default:
      return error(status, status < 500 ? "invalid_request" : "unknown",
                   "Failed to retrieve token from the Active directory");
  }
}

Json Imds::report() const {
  return Json::object();
}

std::string Imds::hint(const std::string& url) const {
  return url + std::string(token_path);
}

}  // namespace spillway::lab
