#pragma once

#include <string>
#include <string_view>

#include "answer.hpp"

namespace spillway::lab {

// A refusal as Microsoft Entra words it (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
struct EntraError {
  int status = 400;
  int code = 0;  // AADSTS…
  std::string error;
  std::string message;
};

EntraError missing_parameter(std::string_view name);
EntraError unknown_tenant(std::string_view tenant);
EntraError unknown_application(std::string_view client_id, std::string_view tenant);
EntraError unsupported_grant(std::string_view grant);
EntraError bad_scope(std::string_view scope);
EntraError no_credential();
EntraError wrong_secret();
EntraError malformed_assertion();
EntraError unregistered_certificate();
EntraError bad_assertion_signature();
EntraError wrong_assertion_audience();
EntraError assertion_out_of_time();
EntraError no_federation(const std::string& issuer, const std::string& subject, const std::string& audience);
EntraError entra_outage(int status);

// `{"error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"}`
Answer entra_answer(const EntraError& error, Moment moment, const std::string& trace, const std::string& correlation);

}  // namespace spillway::lab
