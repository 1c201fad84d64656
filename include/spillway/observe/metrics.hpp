#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"

// Counters of the process in Prometheus' text format (exposition format 0.0.4). Handles are looked up once per configuration
// and then cost an atomic addition. All thread-safe.
namespace spillway::observe {

class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::int64_t n = 1) noexcept { value_.fetch_sub(n, std::memory_order_relaxed); }
  void set(std::int64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Cumulative buckets, each twice the one before: from 10 µs to 655.36 ms for `overhead`, from 1.28 ms to 655.36 s for answers.
class Histogram {
 public:
  Histogram(Duration first_bound, std::size_t buckets);
  void observe(Duration value) noexcept;

 private:
  friend class Metrics;
  static constexpr std::size_t max_buckets = 24;
  Duration first_;
  std::size_t buckets_;
  std::array<std::atomic<std::uint64_t>, max_buckets + 1> counts_{};
  std::atomic<std::uint64_t> sum_ns_{0};
};

enum class Outcome { success, throttled, server_error, client_error, connect, tls, timeout, reset, invalid_response, cancelled };
inline constexpr std::size_t outcome_count = 10;
std::string_view name(Outcome outcome) noexcept;

// The series of one (route, client), of one (pool, member) and so on. They live as long as the Metrics.
struct RouteSeries {
  Histogram* duration;  // per route
  Histogram* first_byte;
};
struct MemberSeries {
  std::array<Counter*, outcome_count> attempts{};
  Counter& outcome(Outcome o) const { return *attempts[static_cast<std::size_t>(o)]; }
};
struct PoolSeries {
  Counter* retries;
  Counter* exhausted;
};
struct BackendSeries {
  Histogram* retry_after;  // seconds the backend asked for
  Gauge* connections_idle;
  Gauge* connections_active;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // Look-ups: created on first use, the same object for the same labels ever after (counters live on over a reload).
  RouteSeries route(std::string_view route);
  MemberSeries member(std::string_view pool, std::string_view backend);
  PoolSeries pool(std::string_view pool);
  BackendSeries backend(std::string_view backend);

  // requests_total{route,client,code}: `client` and `route` are empty when unknown. Cheap after the first call per labels.
  Counter& requests(std::string_view route, std::string_view client, int code);
  Counter& transitions(std::string_view backend, std::string_view deployment, std::string_view from, std::string_view to);
  Counter& reloads(bool success);

  Histogram& overhead() noexcept;
  Gauge& client_connections() noexcept;
  Gauge& streams_active() noexcept;

  // States that are not counted but looked up at the time of the scrape.
  struct CircuitSample {
    std::string backend;
    std::string deployment;
    std::string state;
  };
  struct InFlightSample {
    std::string backend;
    std::uint64_t in_flight = 0;
  };
  struct Sampled {
    std::vector<CircuitSample> circuits;
    std::vector<InFlightSample> backends;
    std::uint64_t log_lines_dropped = 0;
  };

  // The whole exposition.
  std::string text(const Sampled& sampled) const;

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace spillway::observe
