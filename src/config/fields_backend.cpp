#include "fields.hpp"

namespace spillway::config {
namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

void check_auth(Reader& reader, const Place& place, BackendAuth& auth) {
  const auto key = place.find("api_key");
  const auto passthrough = place.find("passthrough");
  if (key && passthrough) {
    reader.problem(place, "api_key and passthrough exclude each other (give exactly one)");
  } else if (key && reader.clean(*key) && auth.api_key.empty()) {
    reader.problem(*key, "is empty (leave auth out to send no credential)");
  } else if (passthrough && reader.clean(*passthrough) && auth.kind != AuthKind::passthrough) {
    reader.problem(*passthrough, "must be true (leave auth out to send no credential)");
  } else if (!key && !passthrough && reader.clean(place)) {
    reader.problem(place, "says nothing (give api_key or passthrough: true, or leave auth out)");
  }
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
  if (!backend.url.tls && backend.auth.kind != AuthKind::none && !is_loopback(backend.url.host)) {
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
              field<BackendAuth>(
                  "passthrough", [](BackendAuth& auth, bool on) { auth.kind = on ? AuthKind::passthrough : auth.kind; },
                  boolean(), "`true`: the caller's own `Authorization` is forwarded; never a key of the gateway."),
          })
          .with_intro("Exactly one of the keys.")
          .with_later({{"managed_identity", "use api_key"},
                       {"workload_identity", "use api_key"},
                       {"client_secret", "use api_key"},
                       {"client_certificate", "use api_key"},
                       {"entra", "use api_key"}})
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
