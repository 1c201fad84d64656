#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "spillway/base/time.hpp"

// Latencies fine enough for quantiles: buckets of a quarter of a millisecond up to two, then eight to an octave, so
// that a value is known to an eighth or better; everything from 1048 s on shares the last.
namespace spillway::observe {

inline constexpr std::size_t latency_buckets = 161;

// The bucket of a value; a negative one counts as 0.
std::size_t latency_bucket(Duration value) noexcept;
// The least value of a bucket. `bucket` up to latency_buckets, where it is the end of the last.
Duration latency_bound(std::size_t bucket) noexcept;

// Ever-growing counts. Any thread may add, any may read; an addition is one atomic one. Counts wrap around at 2^32, so
// only differences of readings mean something.
class LatencyCounts {
 public:
  void observe(Duration value) noexcept { counts_[latency_bucket(value)].fetch_add(1, std::memory_order_relaxed); }
  std::uint32_t count(std::size_t bucket) const noexcept { return counts_[bucket].load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint32_t>, latency_buckets> counts_{};
};

// The buckets that counted something between two readings, in order. Holds nothing for a time in which nothing
// happened.
struct LatencyBin {
  std::uint16_t bucket;
  std::uint32_t count;
};
using LatencyBins = std::vector<LatencyBin>;

// Reads `counts`, returns what has come since `seen` was read, and makes `seen` the new reading.
using LatencyReading = std::array<std::uint32_t, latency_buckets>;
LatencyBins advance(LatencyReading& seen, const LatencyCounts& counts);

// A distribution put together from bins.
class LatencySpread {
 public:
  void add(const LatencyBins& bins) noexcept;
  std::uint64_t total() const noexcept { return total_; }
  // The value below which the share `q` (0 to 1) of all lies, a straight line assumed inside its bucket. Nothing when
  // there are none.
  std::optional<Duration> quantile(double q) const noexcept;

 private:
  std::array<std::uint64_t, latency_buckets> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace spillway::observe
