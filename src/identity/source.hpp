#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"
#include "spillway/config/load.hpp"
#include "spillway/identity/message.hpp"

namespace spillway::identity {

// A request to make, or why there is none (for the log).
struct Step {
  HttpRequest request;
  std::string problem;

  explicit Step(HttpRequest r) : request(std::move(r)) {}
  explicit Step(std::string p) : problem(std::move(p)) {}
};

// One way to get a token: which requests to make, as plain values. Used by one thread.
class Source {
 public:
  virtual ~Source() = default;
  // The request for a token.
  virtual Step request(WallTime now) = 0;
  // What to do after an answer that holds no token; nothing = it is a failure.
  virtual std::optional<Step> after(const HttpAnswer& answer);
  // What a message about a failure must not show.
  virtual std::vector<std::string> secrets() const { return {}; }
  // `Azure Arc`: for the log.
  virtual std::string name() const = 0;
};

// Where the gateway runs.
struct Surroundings {
  config::Environment environment;
  config::FileReader files;
  std::string arc_keys = "/var/opt/azcmagent/tokens";  // where Azure Arc puts its key files
};

std::unique_ptr<Source> make_source(const config::Identity& identity, const Surroundings& surroundings);

// The sources of a managed identity, in the order they are looked for; null when the environment does not speak of it.
// IMDS is what is left.
std::unique_ptr<Source> make_app_service(const config::ManagedIdentity& identity, const Surroundings& surroundings);
std::unique_ptr<Source> make_arc(const config::ManagedIdentity& identity, const Surroundings& surroundings);
std::unique_ptr<Source> make_imds(const config::ManagedIdentity& identity, const Surroundings& surroundings);

std::unique_ptr<Source> make_workload(const config::WorkloadIdentity& identity, const Surroundings& surroundings);
std::unique_ptr<Source> make_client_secret(const config::ClientSecret& identity);
std::unique_ptr<Source> make_client_certificate(const config::ClientCertificate& identity,
                                                const Surroundings& surroundings);

// A GET of the URL an environment variable holds, with nothing else set; a problem when it is no URL.
Step request_to(const std::string& variable, const std::string& url);

// `POST {authority}/{tenant}/oauth2/v2.0/token` for `client_credentials` (RFC 6749 4.4), scope `{resource}/.default`.
struct ClientCredentials {
  config::BackendUrl authority;
  std::string tenant_id;
  std::string client_id;
  std::string resource;
};
std::string token_url(const config::BackendUrl& authority, const std::string& tenant_id);
HttpRequest with_secret(const ClientCredentials& client, std::string_view secret);
HttpRequest with_assertion(const ClientCredentials& client, std::string_view assertion);

}  // namespace spillway::identity
