#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/observe/counters.hpp"

// Counters of the process in Prometheus' text format (exposition format 0.0.4). Handles are looked up once per
// configuration and then cost an atomic addition. All thread-safe.
namespace spillway::observe {

enum class Outcome {
  success,
  throttled,
  server_error,
  client_error,
  connect,
  tls,
  timeout,
  reset,
  invalid_response,
  cancelled
};
inline constexpr std::size_t outcome_count = 10;
std::string_view name(Outcome outcome) noexcept;

// requests_total of one (route, client): a counter per status. Without a lock.
class RequestSeries {
 public:
  RequestSeries() = default;
  ~RequestSeries();
  RequestSeries(const RequestSeries&) = delete;
  RequestSeries& operator=(const RequestSeries&) = delete;

  // Any status outside 100 to 599, such as 0 for a request that got no answer, shares one counter, whose label is `-`.
  Counter& code(int status);

  // Calls `visit(status, value)` for every status counted so far, in order; 0 is the shared one.
  template <class Visit>
  void each(Visit visit) const {
    if (other_.value() != 0) visit(0, other_.value());
    for (std::size_t hundred = 0; hundred < pages_.size(); ++hundred) {
      const Page* page = pages_[hundred].load(std::memory_order_acquire);
      for (std::size_t i = 0; page != nullptr && i < page->size(); ++i) {
        if (const std::uint64_t n = (*page)[i].value(); n != 0) visit(static_cast<int>((hundred + 1) * 100 + i), n);
      }
    }
  }

 private:
  using Page = std::array<Counter, 100>;  // 200 to 299, and so on
  std::array<std::atomic<Page*>, 5> pages_{};
  Counter other_;
};

// The series of one (route, client), of one (pool, member) and so on. They live as long as the Metrics.
struct RouteSeries {
  Histogram* duration;  // per route
  Histogram* first_byte;
};
struct MemberSeries {
  std::array<Counter*, outcome_count> attempts{};
  // From the start of an attempt that is answered with 2xx or 3xx to the first byte of the answer, and, unless it is a
  // WebSocket's, to the last when that has come.
  Latency* first_byte = nullptr;
  Latency* duration = nullptr;
  Counter& outcome(Outcome o) const { return *attempts[static_cast<std::size_t>(o)]; }
};
struct PoolSeries {
  Counter* retries;
  Counter* exhausted;
};
struct BackendSeries {
  Histogram* retry_after;  // how long the backend asked to be left alone, uncut
  Gauge* connections_idle;
  Gauge* connections_active;
};

// Of something that is fetched again and again.
struct FetchSeries {
  Counter* success;
  Counter* failure;
  Counter& result(bool good) const { return good ? *success : *failure; }
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // Look-ups: created on first use, the same object for the same labels ever after (counters live on over a reload). An
  // empty name means unknown and becomes the label `-`.
  RouteSeries route(std::string_view route);
  MemberSeries member(std::string_view pool, std::string_view backend);
  PoolSeries pool(std::string_view pool);
  BackendSeries backend(std::string_view backend);

  // requests_total{route,client,code}. Neither takes a lock once the labels are known; whoever keeps the series saves
  // the look-up too.
  RequestSeries& request_series(std::string_view route, std::string_view client);
  Counter& requests(std::string_view route, std::string_view client, int code) {
    return request_series(route, client).code(code);
  }

  // The whole process in a few numbers, as of now.
  struct Totals {
    std::uint64_t requests = 0;  // all of requests_total
    std::uint64_t failures = 0;  // those answered with 5xx
    std::int64_t client_connections = 0;
    std::int64_t streams = 0;
  };
  Totals totals() const;

  Counter& transitions(std::string_view backend, std::string_view deployment, std::string_view from,
                       std::string_view to);
  Counter& reloads(bool success);

  // Names as the configuration gives them; an identity as the log describes it.
  FetchSeries token_fetches(std::string_view identity, std::string_view resource);
  FetchSeries tenant_key_fetches(std::string_view tenant, std::string_view authority);
  FetchSeries secret_fetches(std::string_view secret);

  Histogram& overhead() noexcept;
  Gauge& client_connections() noexcept;
  Gauge& streams_active() noexcept;
  // Bytes of request bodies kept for another attempt.
  Gauge& body_memory() noexcept;
  Counter& loop_stalls() noexcept;

  // States that are not counted but looked up at the time of the scrape.
  struct CircuitSample {
    std::string backend;
    std::string deployment;
    std::string state;  // `closed`, `open`, `half_open`
  };
  struct InFlightSample {
    std::string backend;
    std::uint64_t in_flight = 0;
  };
  struct TokenSample {
    std::string identity;
    std::string resource;
    bool usable = false;
  };
  struct TenantSample {
    std::string tenant;
    std::string authority;
    std::size_t keys = 0;
    std::optional<WallTime> fetched_at;  // the last time that went well
  };
  struct SecretSample {
    std::string secret;
    std::optional<WallTime> fetched_at;
  };
  struct MemberSample {
    std::string pool;
    std::string backend;
    std::string region;
    std::string kind;  // `ptu`, `paygo`
    int priority = 1;
    int weight = 1;
  };
  // What the operating system says of the process. What it does not say is left out.
  struct ProcessSample {
    Duration cpu_time{};
    std::optional<std::uint64_t> resident_bytes;
    std::optional<std::uint64_t> open_descriptors;
    std::optional<std::uint64_t> max_descriptors;
    WallTime started_at{};
  };
  struct Sampled {
    std::vector<MemberSample> members;
    std::vector<CircuitSample> circuits;
    std::vector<InFlightSample> backends;
    // Those of equal labels become one series: usable when all are.
    std::vector<TokenSample> tokens;
    std::vector<TenantSample> tenants;
    std::vector<SecretSample> secrets;
    Duration loop_stall{};  // the longest that is under way
    std::uint64_t log_lines_dropped = 0;
    std::uint64_t faults = 0;
    std::uint64_t spans_exported = 0;
    std::uint64_t spans_dropped = 0;
    ProcessSample process;
  };

  // The whole exposition, families and series always in the same order. Content type:
  // `text/plain; version=0.0.4; charset=utf-8`.
  std::string text(const Sampled& sampled) const;

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace spillway::observe
