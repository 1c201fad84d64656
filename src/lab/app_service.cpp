#include "app_service.hpp"

#include <nlohmann/json.hpp>

#include "spillway/http/target.hpp"

// https://learn.microsoft.com/azure/app-service/overview-managed-identity, REST endpoint reference
namespace spillway::lab {
namespace {

constexpr IdentityParameters parameters = {"principal_id", "mi_res_id"};
constexpr std::string_view token_path = "/msi/token";

Answer error(int status, std::string_view message) {
  return json_answer(status, {{"statusCode", status}, {"message", message}});
}

bool is_token(std::string_view path) {
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path == token_path;
}

}  // namespace

std::string AppService::operation(const Request& request) const {
  return is_token(request.path) ? "token" : "-";
}

Answer AppService::respond(const Request& request, Moment moment) {
  if (!is_token(request.path)) return error(404, "Not found.");
  if (request.method != "GET") return error(405, "Method not allowed.");
  if (request.field("x-identity-header") != header_) {
    return error(401, "The X-IDENTITY-HEADER of the request is missing or wrong.");
  }
  if (http::query_value(request.query, "api-version") != "2019-08-01") {
    return error(400, "The api-version of the request is missing or not supported.");
  }
  const auto resource = http::query_value(request.query, "resource");
  if (!resource || resource->empty()) return error(400, "The resource of the request is missing.");
  const ManagedIdentities::Choice choice = identities_.choose(request.query, parameters);
  if (choice.identity == nullptr) {
    return error(400,
                 "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.");
  }
  const PrincipalConfig& principal = choice.identity->principal;
  const Grant grant = identities_.issuer().issue(principal, *resource, moment);
  Json token = {{"access_token", grant.token},
                {"client_id", principal.client_id},
                {"expires_on", std::to_string(grant.expires_on)},
                {"not_before", std::to_string(grant.not_before)},
                {"resource", *resource},
                {"token_type", "Bearer"}};
  if (grant.refresh_in) token["refresh_in"] = std::to_string(*grant.refresh_in);
  return json_answer(200, token);
}

Answer AppService::outage(int status, Moment) {
  if (status == 429) return error(429, "Too many requests.");
  return error(status,
               status < 500 ? "The request was refused." : "An unexpected error occured while fetching the AAD Token.");
}

Json AppService::report() const {
  return Json::object();
}

std::string AppService::hint(const std::string& url) const {
  return "IDENTITY_ENDPOINT=" + url + std::string(token_path) + " IDENTITY_HEADER=" + header_;
}

}  // namespace spillway::lab
