#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "spillway/base/time.hpp"
#include "spillway/observe/latency.hpp"

// What is counted while requests run. All thread-safe; counting costs one or a few atomic additions.
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

// Cumulative buckets, each bound twice the one before and part of its bucket: from 10 µs to 655.36 ms for the gateway's
// own time, from 1.28 ms to 671 s for answers, from 62.5 ms to 2048 s for what backends ask to wait.
class Histogram {
 public:
  static constexpr std::size_t max_buckets = 24;

  // `first_bound` above 0; `buckets` from 1 to max_buckets, the one without a bound not counted.
  Histogram(Duration first_bound, std::size_t buckets);
  // A negative value counts as 0.
  void observe(Duration value) noexcept;

  // What a scrape sees of it.
  Duration bound(std::size_t bucket) const noexcept { return first_ * (std::int64_t{1} << bucket); }
  std::size_t buckets() const noexcept { return buckets_; }
  // Observations in one bucket alone; `bucket == buckets()`: above every bound.
  std::uint64_t count(std::size_t bucket) const noexcept { return counts_[bucket].load(std::memory_order_relaxed); }
  Duration sum() const noexcept;

 private:
  Duration first_;
  std::size_t buckets_;
  std::array<std::atomic<std::uint64_t>, max_buckets + 1> counts_{};
  std::atomic<std::uint64_t> sum_ns_{0};
};

// How long something takes, for those who scrape and, in finer buckets, for the quantiles of the status page.
class Latency {
 public:
  // As of a Histogram.
  Latency(Duration first_bound, std::size_t buckets) : histogram_(first_bound, buckets) {}
  void observe(Duration value) noexcept {
    histogram_.observe(value);
    counts_.observe(value);
  }

  const Histogram& histogram() const noexcept { return histogram_; }
  const LatencyCounts& counts() const noexcept { return counts_; }

 private:
  Histogram histogram_;
  LatencyCounts counts_;
};

}  // namespace spillway::observe
