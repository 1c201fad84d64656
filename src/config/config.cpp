#include "spillway/config/config.hpp"

#include <algorithm>

namespace spillway::config {
namespace {

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

std::string Address::text() const {
  return host_and_port(host, port);
}

std::string BackendUrl::authority() const {
  const std::string whole = host_and_port(host, port);
  const bool scheme_port = port == (tls ? 443 : 80);
  return scheme_port ? whole.substr(0, whole.rfind(':')) : whole;
}

std::string BackendUrl::text() const {
  return (tls ? "https://" : "http://") + authority() + path_prefix;
}

bool BackendUrl::is_loopback() const {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string_view name(BackendKind kind) noexcept {
  return kind == BackendKind::ptu ? "ptu" : "paygo";
}

std::string_view name(Strategy strategy) noexcept {
  switch (strategy) {
    case Strategy::round_robin: return "round_robin";
    case Strategy::least_latency: return "least_latency";
    case Strategy::least_requests: return "least_requests";
  }
  return "";
}

bool FailureCondition::counts(int status) const noexcept {
  return std::any_of(status_code_ranges.begin(), status_code_ranges.end(),
                     [status](const StatusRange& range) { return range.min <= status && status <= range.max; });
}

CircuitBreaker CircuitBreaker::defaults() {
  BreakerRule throttled;
  throttled.name = "throttled";
  throttled.failure_condition.count = 1;
  throttled.failure_condition.interval = std::chrono::minutes(5);
  throttled.failure_condition.status_code_ranges = {{429, 429}};
  throttled.trip_duration = std::chrono::seconds(10);
  throttled.accept_retry_after = true;
  throttled.half_open = false;

  BreakerRule failing;
  failing.name = "failing";
  failing.failure_condition.count = 3;
  failing.failure_condition.interval = std::chrono::seconds(10);
  failing.failure_condition.status_code_ranges = {{408, 408}, {500, 599}};
  failing.failure_condition.error_reasons.fill(true);
  failing.trip_duration = std::chrono::minutes(1);
  failing.accept_retry_after = true;
  failing.half_open = true;

  CircuitBreaker breaker;
  breaker.rules = {throttled, failing};
  return breaker;
}

Retry Retry::defaults() {
  Retry retry;
  for (const int status : {408, 429, 500, 502, 503, 504}) retry.status_codes.push_back({status, status});
  retry.on_errors.fill(true);
  return retry;
}

}  // namespace spillway::config
