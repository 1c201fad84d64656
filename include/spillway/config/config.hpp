#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/failure.hpp"
#include "spillway/base/log.hpp"
#include "spillway/base/time.hpp"
#include "spillway/config/client_identity.hpp"
#include "spillway/config/client_key.hpp"
#include "spillway/config/identity.hpp"
#include "spillway/config/secret.hpp"
#include "spillway/config/tracing.hpp"

// What the user wrote, checked: defaults filled in, every reference resolved to an index, every range held. Plain
// values; immutable once loaded and shared by all threads.
namespace spillway::config {

struct Address {
  std::string host;  // a literal IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;

  std::string text() const;  // `0.0.0.0:8443`, `[::1]:8443`
  bool operator==(const Address&) const = default;
};

enum class TlsVersion { tls1_2, tls1_3 };

struct ListenerTls {
  std::string certificate;  // PEM file: leaf first, then the chain
  std::string private_key;  // PEM file
  TlsVersion min_version = TlsVersion::tls1_2;
  std::optional<std::string> client_ca;  // PEM file: clients must show a certificate signed by it

  bool operator==(const ListenerTls&) const = default;
};

struct Listener {
  Address address;
  std::optional<ListenerTls> tls;
  std::optional<std::uint32_t> max_connections;  // none = as many as the process
};

// Names of clients, backends, pools and routes: 1 to 128 printable ASCII characters without quotes, `\`, `,` and `;`,
// no space at either end, so they can stand in headers, labels and log lines as they are. Unique among their kind.
// A client has at least one of keys, `entra` and `certificate`.
struct Client {
  std::string name;
  std::vector<ClientKey> keys;                     // none empty, none shared with another client
  std::optional<Entra> entra;                      // the access tokens it may show
  std::optional<CertificateName> certificate;      // the TLS certificate it may show; no other client has the same
  std::optional<std::vector<std::size_t>> routes;  // indices into Config::routes; none = all
  std::optional<std::uint32_t> max_concurrent_requests;
};

struct StatusRange {
  int min = 0;
  int max = 0;  // inclusive

  bool operator==(const StatusRange&) const = default;
};

// Exactly one of `count` and `percentage` is set.
struct FailureCondition {
  std::optional<int> count;       // 1 to 10000 failures within `interval`
  std::optional<int> percentage;  // 1 to 100 % of the answers within `interval`, once there are `min_requests`
  int min_requests = 10;
  Milliseconds interval{};  // above zero
  std::vector<StatusRange> status_code_ranges;
  std::array<bool, error_kind_count> error_reasons{};  // by ErrorKind

  bool counts(int status) const noexcept;
  bool counts(ErrorKind kind) const noexcept { return error_reasons[static_cast<std::size_t>(kind)]; }
  bool operator==(const FailureCondition&) const = default;
};

struct BreakerRule {
  std::string name;
  FailureCondition failure_condition;
  Milliseconds trip_duration{};  // above zero
  bool accept_retry_after = true;
  bool half_open = false;

  bool operator==(const BreakerRule&) const = default;
};

// No rules at all = circuits never open.
struct CircuitBreaker {
  std::vector<BreakerRule> rules;
  Milliseconds max_retry_after{120'000};  // above zero

  // `throttled`: one 429 opens for 10 s or what the answer asks for. `failing`: three 408, 5xx or failed connections
  // within 10 s open for a minute, then one probe decides.
  static CircuitBreaker defaults();
  bool operator==(const CircuitBreaker&) const = default;
};

// What a backend's `auth` says. `none`: no credential is sent. `token`: an access token got with `identity`.
enum class AuthKind { none, api_key, passthrough, token };

struct BackendAuth {
  AuthKind kind = AuthKind::none;
  Secret api_key;
  std::optional<Identity> identity{};  // with `token`
};

struct BackendTls {
  bool verify = true;
  std::optional<std::string> ca;           // PEM file; none = the system's roots
  std::optional<std::string> server_name;  // for SNI and verification; none = the host of the URL
};

enum class BackendKind { paygo, ptu };
// `paygo`, `ptu`
std::string_view name(BackendKind kind) noexcept;

// What a backend speaks. `openai`: OpenAI itself and whatever is like it: only `/v1/…`, the model in the body, the key
// as Bearer.
enum class Api { azure, openai };

struct Backend {
  std::string name;
  BackendUrl url;
  std::string region;  // empty = unknown
  BackendKind kind = BackendKind::paygo;
  Api api = Api::azure;
  std::optional<std::string> api_version;  // for classic paths of `azure`
  BackendAuth auth;
  // What the client asks for -> what it is called here. None = every model under its own name. The key "*" stands for
  // every other model; its value "*" keeps the name.
  std::optional<std::map<std::string, std::string>> deployments;
  BackendTls tls;
  std::uint32_t max_connections = 512;  // per process, 1 to 65535
  // The backend's own, else its pool's, else the defaults.
  CircuitBreaker circuit_breaker = CircuitBreaker::defaults();
};

enum class Strategy { round_robin, least_latency, least_requests };
// `round_robin`, `least_latency`, `least_requests`
std::string_view name(Strategy strategy) noexcept;

struct Member {
  std::size_t backend = 0;  // index into Config::backends
  int priority = 1;         // 0 to 100, lower first
  int weight = 1;           // 0 to 1000; 0 = drained
};

struct Retry {
  std::vector<StatusRange> status_codes;
  std::array<bool, error_kind_count> on_errors{};  // by ErrorKind
  std::optional<int> max_attempts;                 // the first included; none = each member once
  Milliseconds interval{0};
  Milliseconds delta{0};
  Milliseconds max_interval{0};
  bool first_fast_retry = true;
  Milliseconds deadline{0};  // 0 = none

  // 408, 429, 500, 502, 503, 504 and every error kind; each member once, at once.
  static Retry defaults();
};

// Zero = none, for each of them.
struct PoolTimeouts {
  Milliseconds connect{3'000};        // TLS handshake included
  Milliseconds first_byte{300'000};   // from the last byte sent to the first byte of the answer's head
  Milliseconds stream_idle{300'000};  // between two pieces of an answer's body
  Milliseconds total{0};              // the whole request, waits and retries included
};

struct CookieAffinity {
  std::string name = "SessionId";  // an RFC 6265 cookie name
};

enum class WhenUnavailable { repin, fail };

// Which requests go to a member of their own choice. The first that says something about a request decides: the id of
// an object, the cookie, the header, the prompt.
struct Affinity {
  bool response_ids = true;              // ids made by a backend lead back to it
  std::optional<CookieAffinity> cookie;  // set on the first answer, honoured afterwards
  std::optional<std::string> header;     // a field name: same value, same member
  bool prompt_cache = false;             // same `prompt_cache_key` or leading messages, same member, within bounds
  // When the member is not eligible: another one takes over, or the request fails. Ids of objects always fail.
  WhenUnavailable when_unavailable = WhenUnavailable::repin;
};

struct Pool {
  std::string name;
  Strategy strategy = Strategy::round_robin;
  std::vector<Member> members;                    // 1 to 30, no backend twice
  std::optional<CircuitBreaker> circuit_breaker;  // as written here; what applies is Backend::circuit_breaker
  Retry retry = Retry::defaults();
  Affinity affinity;
  PoolTimeouts timeouts;
};

struct Deny {
  int status = 403;
  std::string message = "This request is not allowed.";
};

struct RouteMatch {
  std::string path;                  // `/prefix`, ends at a segment, no trailing slash; empty = any
  std::vector<std::string> models;   // globs; empty = any, also none
  std::vector<std::size_t> clients;  // indices into Config::clients; empty = any
};

// Either `pool` or `deny`.
struct Route {
  std::string name;
  RouteMatch match;
  std::optional<std::string> rewrite_path;  // replaces the matched prefix: `/prefix`, or empty to take it away
  std::optional<std::size_t> pool;          // index into Config::pools
  std::optional<Deny> deny;
};

struct Limits {
  std::uint64_t max_header_size = 32ULL << 10;  // below 64 KiB
  std::uint32_t max_header_fields = 100;
  std::uint64_t max_request_body = 512ULL << 20;
  std::uint64_t replay_buffer = 32ULL << 20;
  std::uint32_t max_connections = 10'000;
  std::optional<std::uint64_t> body_memory;  // none = half of what the process may have
};

struct ClientTimeouts {
  Milliseconds request_header{10'000};
  Milliseconds request_body_idle{60'000};
  Milliseconds keep_alive{75'000};
  Milliseconds write_idle{60'000};
};

struct ResponseHeaders {
  bool region = true;
  bool routed_backend = true;
  bool routing_strategy = true;
  bool circuit_state = true;
  bool attempts = false;
};

enum class ExhaustedStatus { s503, s429, upstream };

struct OnExhausted {
  ExhaustedStatus status = ExhaustedStatus::s503;
  Milliseconds wait{0};
};

struct Log {
  log::Level level = log::Level::info;
  log::Format format = log::Format::json;
  bool access = true;
  std::uint32_t access_one_in = 1;  // of the requests that went well
  Milliseconds access_slow{30'000};
};

struct Config {
  std::vector<Listener> listeners;
  std::optional<Address> admin;
  std::optional<int> workers;  // none = auto
  bool allow_anonymous = false;
  std::vector<Client> clients;
  std::vector<Backend> backends;
  std::vector<Pool> pools;
  // What ids and cookies that name their backend are signed with: the first signs, all are accepted. Empty = a value
  // known to everybody.
  std::vector<Secret> affinity_secrets;
  std::vector<Route> routes;  // never empty: without `routes` in the file, one that takes everything to the only pool
  Limits limits;
  ClientTimeouts timeouts;
  Milliseconds drain_delay{0};
  Milliseconds drain_timeout{30'000};
  ResponseHeaders response_headers;
  OnExhausted on_exhausted;
  std::optional<KeyVault> key_vault;  // set when the file speaks of it or a secret comes from one
  Log log;
  std::optional<Tracing> tracing;  // none = off
};

}  // namespace spillway::config
