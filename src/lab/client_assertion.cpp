#include "client_assertion.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "jwt.hpp"
#include "spillway/base/text.hpp"

namespace spillway::lab {
namespace {

constexpr std::int64_t clock_skew = 300;

bool in_time(const Json& claims, std::int64_t now) {
  const std::int64_t expires = number_of(member(claims, "exp"), 0);
  const std::int64_t from = number_of(member(claims, "nbf"), 0);
  return expires + clock_skew > now && from - clock_skew <= now;
}

std::optional<EntraError> check_certificate(const Jwt& jwt, const ApplicationConfig& application,
                                            const std::vector<std::string>& audiences) {
  const auto& certificate = application.certificate;
  const std::string sha256 = text_of(member(jwt.header, "x5t#S256"));
  const std::string sha1 = text_of(member(jwt.header, "x5t"));
  const bool named = certificate && (sha256.empty() ? sha1 == certificate->sha1 : sha256 == certificate->sha256);
  if (!named) return unregistered_certificate();
  const auto algorithm = algorithm_of(jwt.algorithm());
  if (!algorithm || !certificate->key.verifies(*algorithm, jwt.signed_text, jwt.signature)) {
    return bad_assertion_signature();
  }
  const bool intended = std::any_of(audiences.begin(), audiences.end(),
                                    [&](const std::string& audience) { return has_audience(jwt.claims, audience); });
  const bool own = iequals(text_of(member(jwt.claims, "sub")), application.principal.client_id);
  if (!own) return malformed_assertion();
  if (!intended) return wrong_assertion_audience();
  return std::nullopt;
}

}  // namespace

std::optional<EntraError> check_assertion(std::string_view assertion, const ApplicationConfig& application,
                                          const std::vector<std::string>& audiences, std::int64_t unix_seconds) {
  const auto jwt = read_jwt(assertion);
  if (!jwt) return malformed_assertion();
  const std::string issuer = text_of(member(jwt->claims, "iss"));
  const std::string subject = text_of(member(jwt->claims, "sub"));
  if (iequals(issuer, application.principal.client_id)) {
    if (auto error = check_certificate(*jwt, application, audiences)) return error;
  } else {
    const auto fits = [&](const FederationConfig& known) {
      return (known.issuer.empty() || known.issuer == issuer) && (known.subject.empty() || known.subject == subject) &&
             has_audience(jwt->claims, known.audience);
    };
    if (!std::any_of(application.federated.begin(), application.federated.end(), fits)) {
      const Json& aud = member(jwt->claims, "aud");
      return no_federation(issuer, subject, aud.is_array() && !aud.empty() ? text_of(aud[0]) : text_of(aud));
    }
  }
  if (!in_time(jwt->claims, unix_seconds)) return assertion_out_of_time();
  return std::nullopt;
}

}  // namespace spillway::lab
