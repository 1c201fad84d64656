#include "entra_errors.hpp"

#include <nlohmann/json.hpp>

#include "spillway/base/time.hpp"

namespace spillway::lab {
namespace {

std::string in_quotes(std::string_view text) {
  return "'" + std::string(text) + "'";
}

// `2026-01-31 12:00:00Z`
std::string stamp(Moment moment) {
  std::string text = format_time(WallTime{std::chrono::seconds(moment.unix_seconds)}).substr(0, 19) + "Z";
  text[10] = ' ';
  return text;
}

EntraError invalid_client(int code, std::string message) {
  return {401, code, "invalid_client", std::move(message)};
}

}  // namespace

EntraError missing_parameter(std::string_view name) {
  return {400, 900144, "invalid_request",
          "The request body must contain the following parameter: " + in_quotes(name) + "."};
}

EntraError unknown_tenant(std::string_view tenant) {
  return {400, 90002, "invalid_request",
          "Tenant " + in_quotes(tenant) +
              " not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. "
              "Check with your subscription administrator, this may happen if there are no active subscriptions for "
              "the tenant."};
}

EntraError unknown_application(std::string_view client_id, std::string_view tenant) {
  return {400, 700016, "unauthorized_client",
          "Application with identifier " + in_quotes(client_id) + " was not found in the directory " +
              in_quotes(tenant) +
              ". This can happen if the application has not been installed by the administrator of the tenant or "
              "consented to by any user in the tenant. You may have sent your authentication request to the wrong "
              "tenant."};
}

EntraError unsupported_grant(std::string_view grant) {
  return {400, 70003, "unsupported_grant_type",
          "The app requested an unsupported grant type " + in_quotes(grant) + "."};
}

EntraError bad_scope(std::string_view scope) {
  return {400, 1002012, "invalid_scope",
          "The provided value for scope " + std::string(scope) +
              " is not valid. Client credential flows must have a scope value with /.default suffixed to the resource "
              "identifier (application ID URI)."};
}

EntraError no_credential() {
  return invalid_client(7000218,
                        "The request body must contain the following parameter: 'client_assertion' or "
                        "'client_secret'.");
}

EntraError wrong_secret() {
  return invalid_client(7000215,
                        "Invalid client secret provided. Ensure the secret being sent in the request is the client "
                        "secret value, not the client secret ID, for a secret added to the app.");
}

EntraError malformed_assertion() {
  return {400, 50027, "invalid_request", "JWT token is invalid or malformed."};
}

EntraError unregistered_certificate() {
  return invalid_client(700027,
                        "The certificate with identifier used to sign the client assertion is not registered on "
                        "application.");
}

EntraError bad_assertion_signature() {
  return invalid_client(700027, "Client assertion failed signature validation.");
}

EntraError wrong_assertion_audience() {
  return invalid_client(700023, "Client assertion audience claim does not match Realm issuer.");
}

EntraError assertion_out_of_time() {
  return invalid_client(700024, "Client assertion is not within its valid time range.");
}

EntraError no_federation(const std::string& issuer, const std::string& subject, const std::string& audience) {
  return invalid_client(700213, "No matching federated identity record found for presented assertion subject " +
                                    in_quotes(subject) + ", issuer " + in_quotes(issuer) + " and audience " +
                                    in_quotes(audience) +
                                    ". Check your federated identity credential Subject, Audience and Issuer against "
                                    "the presented assertion.");
}

EntraError entra_outage(int status) {
  if (status == 429) return {429, 90055, "temporarily_unavailable", "The request was throttled: too many requests."};
  if (status >= 500) {
    return {status, 90033, "temporarily_unavailable", "A transient error has occurred. Please try again."};
  }
  return {status, 90014, "invalid_request", "The request was refused."};
}

Answer entra_answer(const EntraError& error, Moment moment, const std::string& trace, const std::string& correlation) {
  const std::string code = std::to_string(error.code);
  const std::string time = stamp(moment);
  Answer answer =
      json_answer(error.status, {{"error", error.error},
                                 {"error_description", "AADSTS" + code + ": " + error.message + " Trace ID: " + trace +
                                                           " Correlation ID: " + correlation + " Timestamp: " + time},
                                 {"error_codes", {error.code}},
                                 {"timestamp", time},
                                 {"trace_id", trace},
                                 {"correlation_id", correlation},
                                 {"error_uri", "https://login.microsoftonline.com/error?code=" + code}});
  answer.fields.push_back({"x-ms-request-id", trace});
  return answer;
}

}  // namespace spillway::lab
