#include <openssl/crypto.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "registry.hpp"
#include "spillway/version.hpp"

namespace spillway::observe {
namespace {

constexpr std::string_view circuit_states[] = {"closed", "open", "half_open"};

constexpr std::string_view compiler =
#if defined(__clang__)
    "clang " __clang_version__;
#else
    "gcc " __VERSION__;
#endif

// What a scrape looks up is gathered in a family, too: sorted, and no series twice.
std::int64_t seconds_since_1970(const std::optional<WallTime>& time) {
  if (!time) return 0;
  return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
}

void write_tokens(Exposition& out, const std::vector<Metrics::TokenSample>& samples) {
  Family<Gauge, 2> usable{"access_token_usable",
                          SampleType::gauge,
                          {"identity", "resource"},
                          "1 while there is an access token that has not expired, else 0."};
  for (const Metrics::TokenSample& each : samples) usable.at({each.identity, each.resource}).set(1);
  for (const Metrics::TokenSample& each : samples) {
    if (!each.usable) usable.at({each.identity, each.resource}).set(0);
  }
  usable.write(out);
}

void write_tenants(Exposition& out, const std::vector<Metrics::TenantSample>& samples) {
  Family<Gauge, 2> keys{"tenant_keys",
                        SampleType::gauge,
                        {"tenant", "authority"},
                        "Keys that access tokens of clients are checked with."};
  Family<Gauge, 2> fetched{"tenant_keys_last_fetch_timestamp_seconds",
                           SampleType::gauge,
                           {"tenant", "authority"},
                           "When the keys were last fetched successfully, in seconds since 1970; 0: never."};
  for (const Metrics::TenantSample& each : samples) {
    keys.at({each.tenant, each.authority}).set(static_cast<std::int64_t>(each.keys));
    fetched.at({each.tenant, each.authority}).set(seconds_since_1970(each.fetched_at));
  }
  keys.write(out);
  fetched.write(out);
}

void write_secrets(Exposition& out, const std::vector<Metrics::SecretSample>& samples) {
  Family<Gauge, 1> fetched{"key_vault_last_fetch_timestamp_seconds",
                           SampleType::gauge,
                           {"secret"},
                           "When the secret was last fetched successfully, in seconds since 1970; 0: never."};
  for (const Metrics::SecretSample& each : samples) {
    fetched.at({each.secret}).set(seconds_since_1970(each.fetched_at));
  }
  fetched.write(out);
}

void write_members(Exposition& out, const std::vector<Metrics::MemberSample>& samples) {
  out.family("member_info", SampleType::gauge, "Always 1; the labels tell what is configured for a member of a pool.");
  for (const Metrics::MemberSample& each : samples) {
    const std::string priority = std::to_string(each.priority);
    const std::string weight = std::to_string(each.weight);
    const Label labels[] = {{"pool", each.pool}, {"backend", each.backend}, {"region", each.region},
                            {"kind", each.kind}, {"priority", priority},    {"weight", weight}};
    out.sample(labels, std::uint64_t{1});
  }
}

// By the names that every client library of Prometheus gives them.
void write_process(Exposition& out, const Metrics::ProcessSample& process) {
  const auto family = [&](std::string_view name, SampleType type, std::string_view help) {
    out.family(name, type, help, "process_");
  };
  family("cpu_seconds_total", SampleType::counter, "CPU time the process has used, user and system.");
  out.sample({}, process.cpu_time);
  family("resident_memory_bytes", SampleType::gauge, "Memory of the process that is in RAM.");
  if (process.resident_bytes) out.sample({}, *process.resident_bytes);
  family("open_fds", SampleType::gauge, "File descriptors the process has open.");
  if (process.open_descriptors) out.sample({}, *process.open_descriptors);
  family("max_fds", SampleType::gauge, "File descriptors the process may open.");
  if (process.max_descriptors) out.sample({}, *process.max_descriptors);
  family("start_time_seconds", SampleType::gauge, "When the process started, in seconds since 1970.");
  out.sample({}, std::chrono::duration_cast<Duration>(process.started_at.time_since_epoch()));
}

}  // namespace

std::string Metrics::text(const Sampled& sampled) const {
  const Registry& all = *registry_;
  Exposition out;

  out.family("requests_total", SampleType::counter, "Requests answered, refused ones included.");
  for (const RequestTable::Entry* entry : all.requests.entries()) {
    entry->series.each([&](int status, std::uint64_t count) {
      const std::string code = status == 0 ? "-" : std::to_string(status);
      const Label labels[] = {{"route", entry->route}, {"client", entry->client}, {"code", code}};
      out.sample(labels, count);
    });
  }

  const std::lock_guard lock(all.mutex);
  all.duration.write(out);
  all.first_byte.write(out);
  out.family("overhead_seconds", SampleType::histogram, "The gateway's own part of a request's time.");
  out.sample({}, all.overhead);
  all.attempts.write(out);
  all.attempt_first_byte.write(out);
  all.attempt_duration.write(out);
  all.retries.write(out);
  all.exhausted.write(out);
  write_members(out, sampled.members);

  out.family("circuit_state", SampleType::gauge, "1 for the state a circuit is in, 0 for the others.");
  for (const CircuitSample& circuit : sampled.circuits) {
    for (const std::string_view state : circuit_states) {
      const Label labels[] = {{"backend", circuit.backend}, {"deployment", circuit.deployment}, {"state", state}};
      out.sample(labels, std::uint64_t{circuit.state == state ? 1U : 0U});
    }
  }
  all.transitions.write(out);
  all.retry_after.write(out);

  out.family("backend_in_flight", SampleType::gauge, "Requests a backend is working on.");
  for (const InFlightSample& backend : sampled.backends) {
    const Label labels[] = {{"backend", backend.backend}};
    out.sample(labels, backend.in_flight);
  }
  all.connections.write(out);
  out.family("client_connections", SampleType::gauge, "Open connections of clients.");
  out.sample({}, all.client_connections.value());
  out.family("streams_active", SampleType::gauge, "Answers being streamed to clients.");
  out.sample({}, all.streams_active.value());
  out.family("request_body_memory_bytes", SampleType::gauge, "Memory of request bodies kept for another attempt.");
  out.sample({}, all.body_memory.value());
  out.family("event_loop_stalls_total", SampleType::counter, "Times an event loop did not come round for a second.");
  out.sample({}, all.loop_stalls.value());
  out.family("event_loop_stall_seconds", SampleType::gauge, "How long the longest stall under way has lasted.");
  out.sample({}, sampled.loop_stall);
  all.reloads.write(out);

  all.token_fetches.write(out);
  write_tokens(out, sampled.tokens);
  all.tenant_key_fetches.write(out);
  write_tenants(out, sampled.tenants);
  all.secret_fetches.write(out);
  write_secrets(out, sampled.secrets);

  out.family("log_lines_dropped_total", SampleType::counter, "Log lines lost because standard output was too slow.");
  out.sample({}, sampled.log_lines_dropped);
  out.family("internal_errors_total", SampleType::counter,
             "Connections, reloads and other tasks ended by an exception: a bug, or memory ran out.");
  out.sample({}, sampled.faults);
  out.family("trace_spans_exported_total", SampleType::counter, "Spans the collector has taken.");
  out.sample({}, sampled.spans_exported);
  out.family("trace_spans_dropped_total", SampleType::counter,
             "Spans lost because the collector was slow, away or refused them.");
  out.sample({}, sampled.spans_dropped);
  out.family("build_info", SampleType::gauge, "Always 1; the labels tell what runs.");
  const Label build[] = {
      {"version", version}, {"compiler", compiler}, {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)}};
  out.sample(build, std::uint64_t{1});
  write_process(out, sampled.process);
  return out.take();
}

}  // namespace spillway::observe
