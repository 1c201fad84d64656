#include "spillway/observe/latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace spillway::observe {
namespace {

using namespace std::chrono_literals;

constexpr Duration unit = 250us;
constexpr std::size_t per_octave = 8;  // 3 bits behind the leading one
constexpr unsigned bits = 3;

}  // namespace

std::size_t latency_bucket(Duration value) noexcept {
  const auto units = static_cast<std::uint64_t>(std::max(value, Duration::zero()) / unit);
  if (units < per_octave) return static_cast<std::size_t>(units);
  const auto octave = static_cast<unsigned>(std::bit_width(units)) - 1 - bits;
  const std::size_t bucket = (octave + 1) * per_octave + static_cast<std::size_t>((units >> octave) - per_octave);
  return std::min(bucket, latency_buckets - 1);
}

Duration latency_bound(std::size_t bucket) noexcept {
  if (bucket < per_octave) return unit * static_cast<std::int64_t>(bucket);
  const std::size_t octave = bucket / per_octave - 1;
  return unit * static_cast<std::int64_t>((per_octave + bucket % per_octave) << octave);
}

LatencyBins advance(LatencyReading& seen, const LatencyCounts& counts) {
  LatencyBins bins;
  for (std::size_t bucket = 0; bucket < latency_buckets; ++bucket) {
    const std::uint32_t now = counts.count(bucket);
    if (now != seen[bucket]) bins.push_back({static_cast<std::uint16_t>(bucket), now - seen[bucket]});
    seen[bucket] = now;
  }
  return bins;
}

void LatencySpread::add(const LatencyBins& bins) noexcept {
  for (const LatencyBin& bin : bins) {
    counts_[bin.bucket] += bin.count;
    total_ += bin.count;
  }
}

std::optional<Duration> LatencySpread::quantile(double q) const noexcept {
  if (total_ == 0) return std::nullopt;
  const double wanted = std::clamp(q, 0.0, 1.0) * static_cast<double>(total_);
  double below = 0;
  for (std::size_t bucket = 0;; ++bucket) {
    const auto here = static_cast<double>(counts_[bucket]);
    const bool reached = here > 0 && below + here >= wanted;
    if (!reached && bucket + 1 < latency_buckets) {
      below += here;
      continue;
    }
    const double part = here > 0 ? std::clamp((wanted - below) / here, 0.0, 1.0) : 1.0;
    const Duration start = latency_bound(bucket);
    const auto width = static_cast<double>((latency_bound(bucket + 1) - start).count());
    return start + Duration(std::llround(part * width));
  }
}

}  // namespace spillway::observe
