#include "fields.hpp"

namespace spillway::config {
namespace {

// The keys of `auth` that the file gives, in the table's order.
std::vector<std::string_view> given_keys(const Place& place) {
  std::vector<std::string_view> given;
  for (const std::string_view key : table<BackendAuth>().keys()) {
    if (place.find(key)) given.push_back(key);
  }
  return given;
}

void check_auth(Reader& reader, const Place& place, BackendAuth& auth) {
  const std::vector<std::string_view> given = given_keys(place);
  const auto key = place.find("api_key");
  const auto passthrough = place.find("passthrough");
  if (given.size() > 1) {
    reader.problem(place,
                   std::string(given[0]) + " and " + std::string(given[1]) + " exclude each other (give exactly one)");
  } else if (given.empty() && reader.clean(place)) {
    reader.problem(place,
                   "says nothing (give exactly one of " + joined(table<BackendAuth>().keys()) + ", or leave auth out)");
  } else if (key && reader.clean(*key) && auth.api_key.empty()) {
    reader.problem(*key, "is empty (leave auth out to send no credential)");
  } else if (passthrough && reader.clean(*passthrough) && auth.kind != AuthKind::passthrough) {
    reader.problem(*passthrough, "must be true (leave auth out to send no credential)");
  }
}

template <class T>
Field<BackendAuth> identity_field(std::string key, std::string meaning) {
  return field<BackendAuth>(
      std::move(key),
      [](BackendAuth& auth, T identity) {
        auth.kind = AuthKind::token;
        auth.identity = std::move(identity);
      },
      section<T>(), std::move(meaning));
}

void check_backend(Reader& reader, const Place& place, Backend& backend) {
  const auto url = place.find("url");
  if (!url || !reader.clean(*url)) return;
  if (const auto tls = place.find("tls")) {
    if (!backend.url.tls) {
      reader.warn(*tls, "has no effect (the URL is http)");
    } else if (!backend.tls.verify) {
      reader.warn(tls->find("verify").value_or(*tls),
                  "the backend's certificate is not verified: anyone in between can read and change everything (use ca "
                  "instead)");
    }
  }
  if (const auto version = place.find("api_version"); version && backend.api == Api::openai)
    reader.warn(*version, "has no effect (api: openai has no versions)");
  if (!backend.url.tls && backend.auth.kind != AuthKind::none && !backend.url.is_loopback()) {
    reader.warn(*url, "credentials are sent without encryption (use https)");
  }
}

}  // namespace

template <>
const Table<Backend>& table() {
  static const auto keys =
      Table<Backend>(
          {
              field("name", &Backend::name, name(), "Unique. Shown in `x-routed-backend`, status, logs and metrics.")
                  .required(),
              field("url", &Backend::url, backend_url(),
                    "`https://` or `http://`, host, optional port, optional path prefix that goes before every path.")
                  .required(),
              field("region", &Backend::region, header_value(), "Sent as `x-ms-region` when the backend sends none.")
                  .otherwise("unknown"),
              field("kind", &Backend::kind,
                    word<BackendKind>({{"ptu", BackendKind::ptu}, {"paygo", BackendKind::paygo}}),
                    "Provisioned throughput or pay-as-you-go; shown in status, logs and metrics, changes nothing."),
              field("api", &Backend::api, word<Api>({{"azure", Api::azure}, {"openai", Api::openai}}),
                    "What the backend speaks. `openai`: OpenAI itself, vLLM, Ollama and the like; `url` without `/v1`. "
                    "Classic paths become `/v1/…` with the model in the body, and `api-version` is left out."),
              field("api_version", &Backend::api_version, api_version(),
                    "Set or replaced as `?api-version` on classic paths.")
                  .otherwise("the client's"),
              field("auth", &Backend::auth, section<BackendAuth>(), "How the gateway shows who it is.")
                  .otherwise("no credential is sent"),
              field("deployments", &Backend::deployments, deployments(),
                    "What clients ask for -> what it is called here. When given, only these are served; the key "
                    "`\"*\"` stands for "
                    "every other model: `\"*\": \"*\"` keeps its name, `\"*\": NAME` sends every other one to NAME.")
                  .otherwise("every model under its own name"),
              field("tls", &Backend::tls, section<BackendTls>(), "How the backend's certificate is checked."),
              field<Backend>(
                  "limits",
                  [](Backend& backend, BackendLimits limits) { backend.max_connections = limits.max_connections; },
                  section<BackendLimits>(), "Bounds on what this backend is sent.")
                  .otherwise("the defaults below"),
              field("circuit_breaker", &Backend::circuit_breaker, section<CircuitBreaker>(),
                    "When the backend is left alone.")
                  .otherwise("the pool's"),
          })
          .with_check(check_backend);
  return keys;
}

template <>
const Table<BackendAuth>& table() {
  static const auto keys =
      Table<BackendAuth>(
          {
              field<BackendAuth>(
                  "api_key",
                  [](BackendAuth& auth, Secret key) {
                    auth.kind = AuthKind::api_key;
                    auth.api_key = std::move(key);
                  },
                  secret(), "Sent as `api-key`, or as `Authorization: Bearer` with `api: openai`."),
              identity_field<ManagedIdentity>(
                  "managed_identity",
                  "An access token of the identity the platform gives: App Service, Container Apps, "
                  "Azure Arc, else a virtual machine or a cluster's node. `{}`: the system's."),
              identity_field<WorkloadIdentity>(
                  "workload_identity",
                  "An access token for the cluster's own token file. `{}`: everything from the `AZURE_…` variables "
                  "that the workload identity webhook sets."),
              identity_field<ClientSecret>("client_secret", "An access token for an application and its secret."),
              identity_field<ClientCertificate>("client_certificate",
                                                "An access token for an application and its certificate."),
              field<BackendAuth>(
                  "passthrough", [](BackendAuth& auth, bool on) { auth.kind = on ? AuthKind::passthrough : auth.kind; },
                  boolean(), "`true`: the caller's own `Authorization` is forwarded; never a key of the gateway."),
          })
          .with_intro("Exactly one of the keys.")
          .with_later({{"entra", "use managed_identity, workload_identity, client_secret or client_certificate"}})
          .with_check(check_auth)
          .holding_secrets();
  return keys;
}

template <>
const Table<BackendTls>& table() {
  static const auto keys = Table<BackendTls>({
      field("verify", &BackendTls::verify, boolean(), "`false` accepts any certificate; for tests only."),
      field("ca", &BackendTls::ca, ca_file(), "Roots to trust instead of the system's.")
          .otherwise("the system's roots"),
      field("server_name", &BackendTls::server_name, host_name(), "For SNI and verification.")
          .otherwise("the host of `url`"),
  });
  return keys;
}

template <>
const Table<BackendLimits>& table() {
  static const auto keys = Table<BackendLimits>({
      field(
          "max_connections", &BackendLimits::max_connections, integer<std::uint32_t>(1, 65'535),
          "Connections of this process to the backend; never exceeded. A full backend is passed over for the moment."),
  });
  return keys;
}

}  // namespace spillway::config
