#include "source.hpp"

#include "encode.hpp"

namespace spillway::identity {
namespace {

std::string token_path(const config::BackendUrl& authority, const std::string& tenant_id) {
  return authority.path_prefix + "/" + tenant_id + "/oauth2/v2.0/token";
}

HttpRequest client_credentials(const ClientCredentials& client) {
  HttpRequest request;
  request.method = "POST";
  request.url = client.authority;
  request.path = token_path(client.authority, client.tenant_id);
  request.fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  append_parameter(request.body, "grant_type", "client_credentials");
  append_parameter(request.body, "client_id", client.client_id);
  append_parameter(request.body, "scope", client.resource + "/.default");
  return request;
}

std::unique_ptr<Source> make_managed(const config::ManagedIdentity& identity, const Surroundings& surroundings) {
  if (auto source = make_app_service(identity, surroundings)) return source;
  if (auto source = make_arc(identity, surroundings)) return source;
  return make_imds(identity, surroundings);
}

}  // namespace

std::optional<Step> Source::after(const HttpAnswer&) {
  return std::nullopt;
}

std::unique_ptr<Source> make_source(const config::Identity& identity, const Surroundings& surroundings) {
  struct Make {
    const Surroundings& surroundings;
    std::unique_ptr<Source> operator()(const config::ManagedIdentity& i) const { return make_managed(i, surroundings); }
    std::unique_ptr<Source> operator()(const config::WorkloadIdentity& i) const {
      return make_workload(i, surroundings);
    }
    std::unique_ptr<Source> operator()(const config::ClientSecret& i) const { return make_client_secret(i); }
    std::unique_ptr<Source> operator()(const config::ClientCertificate& i) const {
      return make_client_certificate(i, surroundings);
    }
  };
  return std::visit(Make{surroundings}, identity);
}

Step request_to(const std::string& variable, const std::string& url) {
  const auto parsed = config::parse_url(url);
  if (!parsed) return Step(variable + " holds no usable URL");
  HttpRequest request;
  request.url = *parsed;
  request.path = parsed->path_prefix;
  if (url.ends_with('/') || request.path.empty()) request.path += '/';
  return Step(std::move(request));
}

std::string token_url(const config::BackendUrl& authority, const std::string& tenant_id) {
  config::BackendUrl url = authority;
  url.path_prefix = token_path(authority, tenant_id);
  return url.text();
}

HttpRequest with_secret(const ClientCredentials& client, std::string_view secret) {
  HttpRequest request = client_credentials(client);
  append_parameter(request.body, "client_secret", secret);
  return request;
}

HttpRequest with_assertion(const ClientCredentials& client, std::string_view assertion) {
  HttpRequest request = client_credentials(client);
  append_parameter(request.body, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  append_parameter(request.body, "client_assertion", assertion);
  return request;
}

}  // namespace spillway::identity
