#include "spillway/observe/metrics.hpp"

#include <openssl/crypto.h>

#include <map>
#include <mutex>

#include "exposition.hpp"
#include "family.hpp"
#include "request_table.hpp"
#include "spillway/version.hpp"

namespace spillway::observe {
namespace {

using namespace std::chrono_literals;

struct Bounds {
  Duration first;
  std::size_t buckets;
};
constexpr Bounds answer_bounds{1280us, 20};  // to 671 s
constexpr Bounds own_bounds{10us, 17};       // to 655.36 ms
constexpr Bounds wait_bounds{62'500us, 16};  // to 2048 s

struct MemberLatency {
  LatencyCounts first_byte;
  LatencyCounts duration;
};

constexpr std::string_view circuit_states[] = {"closed", "open", "half_open"};

constexpr std::string_view compiler =
#if defined(__clang__)
    "clang " __clang_version__;
#else
    "gcc " __VERSION__;
#endif

}  // namespace

struct Metrics::Registry {
  mutable std::mutex mutex;  // covers the families' maps

  RequestTable requests;
  Family<Histogram, 1> duration{"request_duration_seconds",
                                SampleType::histogram,
                                {"route"},
                                "Time from the first byte of a request to the last byte of its answer."};
  Family<Histogram, 1> first_byte{"time_to_first_byte_seconds",
                                  SampleType::histogram,
                                  {"route"},
                                  "Time from the first byte of a request to the first byte of its answer."};
  Histogram overhead{own_bounds.first, own_bounds.buckets};
  Family<Counter, 3> attempts{"attempts_total",
                              SampleType::counter,
                              {"pool", "backend", "outcome"},
                              "Forwardings of a request to a member, by how they ended."};
  std::map<std::pair<std::string, std::string>, MemberLatency> latencies;  // by pool and backend
  Family<Counter, 1> retries{
      "retries_total", SampleType::counter, {"pool"}, "Attempts after the first of their request."};
  Family<Counter, 1> exhausted{
      "exhausted_total", SampleType::counter, {"pool"}, "Requests for which no member was eligible any more."};
  Family<Counter, 4> transitions{"circuit_transitions_total",
                                 SampleType::counter,
                                 {"backend", "deployment", "from", "to"},
                                 "Changes of a circuit's state."};
  Family<Histogram, 1> retry_after{"retry_after_seconds",
                                   SampleType::histogram,
                                   {"backend"},
                                   "How long backends asked to be left alone, before it was cut to max_retry_after."};
  Family<Gauge, 2> connections{"upstream_connections",
                               SampleType::gauge,
                               {"backend", "state"},
                               "Open connections to a backend, in use or kept for later."};
  Gauge client_connections;
  Gauge streams_active;
  Family<Counter, 1> reloads{"config_reloads_total",
                             SampleType::counter,
                             {"result"},
                             "Reloads of the configuration, by whether the new one was taken."};
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {
  reloads(true);
  reloads(false);
}
Metrics::~Metrics() = default;

RouteSeries Metrics::route(std::string_view route) {
  const std::lock_guard lock(registry_->mutex);
  return {&registry_->duration.at({route}, answer_bounds.first, answer_bounds.buckets),
          &registry_->first_byte.at({route}, answer_bounds.first, answer_bounds.buckets)};
}

MemberSeries Metrics::member(std::string_view pool, std::string_view backend) {
  const std::lock_guard lock(registry_->mutex);
  MemberSeries series;
  for (std::size_t i = 0; i < outcome_count; ++i) {
    series.attempts[i] = &registry_->attempts.at({pool, backend, name(static_cast<Outcome>(i))});
  }
  MemberLatency& latency = registry_->latencies[{std::string(pool), std::string(backend)}];
  series.first_byte = &latency.first_byte;
  series.duration = &latency.duration;
  return series;
}

PoolSeries Metrics::pool(std::string_view pool) {
  const std::lock_guard lock(registry_->mutex);
  return {&registry_->retries.at({pool}), &registry_->exhausted.at({pool})};
}

BackendSeries Metrics::backend(std::string_view backend) {
  const std::lock_guard lock(registry_->mutex);
  return {&registry_->retry_after.at({backend}, wait_bounds.first, wait_bounds.buckets),
          &registry_->connections.at({backend, "idle"}), &registry_->connections.at({backend, "active"})};
}

RequestSeries& Metrics::request_series(std::string_view route, std::string_view client) {
  return registry_->requests.at(route, client);
}

Metrics::Totals Metrics::totals() const {
  Totals sum;
  for (const RequestTable::Entry* entry : registry_->requests.entries()) {
    entry->series.each([&](int status, std::uint64_t count) {
      sum.requests += count;
      if (status >= 500) sum.failures += count;
    });
  }
  sum.client_connections = registry_->client_connections.value();
  sum.streams = registry_->streams_active.value();
  return sum;
}

Counter& Metrics::transitions(std::string_view backend, std::string_view deployment, std::string_view from,
                              std::string_view to) {
  const std::lock_guard lock(registry_->mutex);
  return registry_->transitions.at({backend, deployment, from, to});
}

Counter& Metrics::reloads(bool success) {
  const std::lock_guard lock(registry_->mutex);
  return registry_->reloads.at({success ? "success" : "failure"});
}

Histogram& Metrics::overhead() noexcept {
  return registry_->overhead;
}
Gauge& Metrics::client_connections() noexcept {
  return registry_->client_connections;
}
Gauge& Metrics::streams_active() noexcept {
  return registry_->streams_active;
}

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
  all.retries.write(out);
  all.exhausted.write(out);

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
  all.reloads.write(out);

  out.family("log_lines_dropped_total", SampleType::counter, "Log lines lost because standard output was too slow.");
  out.sample({}, sampled.log_lines_dropped);
  out.family("build_info", SampleType::gauge, "Always 1; the labels tell what runs.");
  const Label build[] = {
      {"version", version}, {"compiler", compiler}, {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)}};
  out.sample(build, std::uint64_t{1});
  return out.take();
}

}  // namespace spillway::observe
