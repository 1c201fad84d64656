#include "spillway/observe/metrics.hpp"

#include <mutex>

#include "registry.hpp"

namespace spillway::observe {

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
  series.first_byte = &registry_->attempt_first_byte.at({pool, backend}, answer_bounds.first, answer_bounds.buckets);
  series.duration = &registry_->attempt_duration.at({pool, backend}, answer_bounds.first, answer_bounds.buckets);
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

FetchSeries Metrics::token_fetches(std::string_view identity, std::string_view resource) {
  const std::lock_guard lock(registry_->mutex);
  return {&registry_->token_fetches.at({identity, resource, "success"}),
          &registry_->token_fetches.at({identity, resource, "failure"})};
}

FetchSeries Metrics::tenant_key_fetches(std::string_view tenant, std::string_view authority) {
  const std::lock_guard lock(registry_->mutex);
  return {&registry_->tenant_key_fetches.at({tenant, authority, "success"}),
          &registry_->tenant_key_fetches.at({tenant, authority, "failure"})};
}

FetchSeries Metrics::secret_fetches(std::string_view secret) {
  const std::lock_guard lock(registry_->mutex);
  return {&registry_->secret_fetches.at({secret, "success"}), &registry_->secret_fetches.at({secret, "failure"})};
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
Gauge& Metrics::body_memory() noexcept {
  return registry_->body_memory;
}
Counter& Metrics::loop_stalls() noexcept {
  return registry_->loop_stalls;
}

}  // namespace spillway::observe
