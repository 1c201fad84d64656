#include <algorithm>

#include "certificates.hpp"
#include "fields.hpp"

namespace spillway::config {
namespace {

constexpr std::uint64_t KiB = 1ULL << 10;
constexpr std::uint64_t GiB = 1ULL << 30;
constexpr Milliseconds shortest{1};
constexpr std::size_t shortest_secret = 16;

// An unset former secret leaves an empty string, which must never be one.
void check_affinity_secrets(Reader& reader, const Place& place, Config& config) {
  for (const Place& secret : place.list("affinity_secrets")) {
    const std::string& text = secret.node->text;
    if (reader.clean(secret) && !text.empty() && text.size() < shortest_secret)
      reader.problem(secret, "is too short (at least 16 characters, such as from openssl rand -hex 32)");
  }
  std::erase_if(config.affinity_secrets, [](const Secret& secret) { return secret.empty(); });
}

void check_key_pair(Reader& reader, const Place& place, ListenerTls& tls) {
  const auto certificate = place.find("certificate");
  const auto key = place.find("private_key");
  if (!certificate || !key || !reader.clean(*certificate) || !reader.clean(*key)) return;
  const Result<std::string> certificate_pem = reader.read_file(*certificate, tls.certificate, false);
  const Result<std::string> key_pem = reader.read_file(*key, tls.private_key, true);
  if (certificate_pem && key_pem && !key_matches(*certificate_pem, *key_pem)) {
    reader.problem(*key,
                   "the key does not belong to the certificate (the file's first certificate is the server's own)");
  }
}

}  // namespace

template <>
const Table<Config>& table() {
  static const auto keys =
      Table<Config>(
          {
              field("listeners", &Config::listeners, list(section<Listener>(), 1, 64, "listeners"),
                    "Addresses clients connect to.")
                  .required(),
              field<Config>(
                  "admin", [](Config& config, AdminSection admin) { config.admin = admin.address; },
                  section<AdminSection>(), "Health, metrics and status, on a port of their own.")
                  .otherwise("off"),
              field("workers", &Config::workers, keyword_or("auto", integer(1, 256)),
                    "Event loops, one thread each. `auto`: as many as CPUs this process may use (affinity, cgroup "
                    "quota)."),
              field("allow_anonymous", &Config::allow_anonymous, boolean(),
                    "Must be `true` to run without `clients`: everyone who reaches a listener is then served. Has no "
                    "effect beside "
                    "`clients`."),
              field("clients", &Config::clients, list(section<Client>(), 1, 10'000, "clients"),
                    "Who may call, and with which keys.")
                  .otherwise("none, needs `allow_anonymous: true`"),
              field("backends", &Config::backends, list(section<Backend>(), 1, 1000, "backends"),
                    "Azure OpenAI resources, or servers that speak the same language.")
                  .required(),
              field("pools", &Config::pools, list(section<Pool>(), 1, 1000, "pools"),
                    "Backends that stand in for each other.")
                  .required(),
              field("affinity_secrets", &Config::affinity_secrets, list(secret(), 1, 10, "secrets"),
                    "What the marks in ids and cookies are made with: the first makes them, all are accepted. The same "
                    "on every gateway. Empty ones are ignored; others have at least 16 characters.")
                  .otherwise("a value known to everybody: marks can be forged, but reach nothing a client could not"),
              field("routes", &Config::routes, list(section<Route>(), 1, 10'000, "routes"),
                    "Which requests go to which pool; the first match wins.")
                  .otherwise("one route `default`: everything to the only pool"),
              field("limits", &Config::limits, section<Limits>(), "Bounds on what clients may send."),
              field("timeouts", &Config::timeouts, section<ClientTimeouts>(), "Bounds on how slow clients may be."),
              field("drain_delay", &Config::drain_delay, duration(),
                    "After SIGTERM: not ready, but still accepting, for this long, so that load balancers notice."),
              field("drain_timeout", &Config::drain_timeout, duration(),
                    "After SIGTERM: how long requests and streams in flight may take to end."),
              field("response_headers", &Config::response_headers, section<ResponseHeaders>(),
                    "Which headers about the routing are added to answers."),
              field("on_exhausted", &Config::on_exhausted, section<OnExhausted>(),
                    "What a client gets when no member can take a request."),
              field("key_vault", &Config::key_vault, section<KeyVault>(),
                    "How `${keyvault:https://NAME.vault.azure.net/secrets/SECRET}` is fetched.")
                  .otherwise("the defaults below"),
              field("log", &Config::log, section<Log>(), "What is written to standard output."),
              field("tracing", &Config::tracing, section<Tracing>(),
                    "Spans of requests and attempts, sent to a collector of OpenTelemetry ([tracing.md](tracing.md)).")
                  .otherwise("off"),
          })
          .with_intro("The file as a whole.")
          .with_later({{"entra", "use clients with keys"}, {"affinity", "it belongs to a pool"}})
          .with_check(check_affinity_secrets);
  return keys;
}

template <>
const Table<Listener>& table() {
  static const auto keys =
      Table<Listener>({
                          field("address", &Listener::address, address(),
                                "A literal IPv4 address, an IPv6 address in brackets, or `localhost` (127.0.0.1), and "
                                "a port. Port 0 takes any "
                                "free one. Unique.")
                              .required(),
                          field("tls", &Listener::tls, section<ListenerTls>(), "Serves HTTPS.").otherwise("plain HTTP"),
                          field("max_connections", &Listener::max_connections, integer<std::uint32_t>(1, 1'000'000),
                                "Client connections of this listener, which count towards `limits.max_connections`, "
                                "too; more are answered with 503.")
                              .otherwise("no limit of its own"),
                      })
          .with_intro("At least one.");
  return keys;
}

template <>
const Table<ListenerTls>& table() {
  static const auto keys =
      Table<ListenerTls>(
          {
              field("certificate", &ListenerTls::certificate, certificate_file(),
                    "The server's own certificate, then its chain.")
                  .required(),
              field("private_key", &ListenerTls::private_key, private_key_file(), "Its key, not encrypted.").required(),
              field("min_version", &ListenerTls::min_version,
                    word<TlsVersion>({{"1.2", TlsVersion::tls1_2}, {"1.3", TlsVersion::tls1_3}}),
                    "The oldest TLS version that is accepted."),
              field("client_ca", &ListenerTls::client_ca, ca_file(),
                    "Clients must show a certificate signed by one of these.")
                  .otherwise("no client certificates"),
          })
          .with_intro("The files are read again by a reload.")
          .with_check(check_key_pair);
  return keys;
}

template <>
const Table<AdminSection>& table() {
  static const auto keys = Table<AdminSection>({
      field("address", &AdminSection::address, address(),
            "As of a listener. Keep it away from clients: it is neither encrypted nor protected by a key.")
          .required(),
  });
  return keys;
}

template <>
const Table<Limits>& table() {
  static const auto keys = Table<Limits>({
      field("max_header_size", &Limits::max_header_size, size(KiB, 63 * KiB),
            "A request's head, in bytes; more is answered with 431."),
      field("max_header_fields", &Limits::max_header_fields, integer<std::uint32_t>(1, 1000),
            "Its fields; more is answered with 431."),
      field("max_request_body", &Limits::max_request_body, size(1, 1024 * GiB),
            "A request's body; more is answered with 413."),
      field("replay_buffer", &Limits::replay_buffer, size(KiB, 2 * GiB),
            "The largest body that is kept for another attempt. Larger ones are streamed and get one attempt. The "
            "model is looked "
            "for within this many bytes."),
      field("max_connections", &Limits::max_connections, integer<std::uint32_t>(1, 1'000'000),
            "Client connections of the process; more are answered with 503."),
      field("body_memory", &Limits::body_memory, size(1024 * KiB, 1024 * GiB),
            "Memory for all request bodies that are kept for another attempt, together; a request whose body finds no "
            "room is answered with 503. Bodies that are streamed take none.")
          .otherwise("half of the memory the process may have (cgroup, else the machine's)"),
  });
  return keys;
}

template <>
const Table<ClientTimeouts>& table() {
  static const auto keys = Table<ClientTimeouts>({
      field("request_header", &ClientTimeouts::request_header, duration(shortest),
            "From the first byte of a request to the end of its head; also the TLS handshake. Later: 408."),
      field("request_body_idle", &ClientTimeouts::request_body_idle, duration(shortest),
            "Between two pieces of a request's body. Later: 408."),
      field("keep_alive", &ClientTimeouts::keep_alive, duration(shortest), "How long an idle connection is kept."),
      field("write_idle", &ClientTimeouts::write_idle, duration(shortest),
            "How long a client may take nothing of its answer before the connection is broken."),
  });
  return keys;
}

template <>
const Table<ResponseHeaders>& table() {
  static const auto keys = Table<ResponseHeaders>({
      field("region", &ResponseHeaders::region, boolean(),
            "`x-ms-region`: the backend's own, else `region` of the backend."),
      field("routed_backend", &ResponseHeaders::routed_backend, boolean(), "`x-routed-backend`: the backend's name."),
      field("routing_strategy", &ResponseHeaders::routing_strategy, boolean(),
            "`x-routing-strategy`: `priority` when the pool has more than one, else the strategy."),
      field("circuit_state", &ResponseHeaders::circuit_state, boolean(),
            "`x-circuit-state`: `closed` or `half_open`, of the circuit that served."),
      field("attempts", &ResponseHeaders::attempts, boolean(),
            "`x-attempts`: every attempt, such as `eastus-ptu;429, westus;200`."),
  });
  return keys;
}

template <>
const Table<OnExhausted>& table() {
  static const auto keys = Table<OnExhausted>({
      field("status", &OnExhausted::status,
            word<ExhaustedStatus>({{"503", ExhaustedStatus::s503},
                                   {"429", ExhaustedStatus::s429},
                                   {"upstream", ExhaustedStatus::upstream}}),
            "`503`; `429`: 429 when every cause was throttling, else 503; `upstream`: the last backend answer "
            "unchanged, if there "
            "was one, else 503."),
      field("wait", &OnExhausted::wait, duration(Milliseconds(0), "none"),
            "Before giving up, wait up to this long for the earliest member."),
  });
  return keys;
}

template <>
const Table<Log>& table() {
  static const auto keys = Table<Log>({
      field("level", &Log::level,
            word<log::Level>({{"debug", log::Level::debug},
                              {"info", log::Level::info},
                              {"warn", log::Level::warn},
                              {"error", log::Level::error},
                              {"off", log::Level::off}}),
            "The least important lines that are written."),
      field("format", &Log::format, word<log::Format>({{"json", log::Format::json}, {"text", log::Format::text}}),
            "One line an event in either."),
      field("access", &Log::access, boolean(),
            "One line a request, whatever the level. Never a key, a prompt or an answer."),
      field("access_one_in", &Log::access_one_in, integer<std::uint32_t>(1, 100'000),
            "Of the requests that went well, one in so many gets a line, which says so in `stands_for`. Errors, broken "
            "answers, requests with more than one attempt and slow ones always get theirs."),
      field("access_slow", &Log::access_slow, duration(shortest), "From this duration on, a request is slow."),
  });
  return keys;
}

}  // namespace spillway::config
