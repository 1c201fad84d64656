#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/observe/latency.hpp"

namespace spillway::observe {

// What has been counted since some beginning.
struct Tally {
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
  std::uint64_t throttled = 0;

  bool operator==(const Tally&) const = default;
};

// What somebody who counts has done in the last minutes: the counts of the last slices of time, as differences of
// readings. Counting itself goes on elsewhere and knows nothing of it, so the sums are exact however many threads
// count. Takes the time as an argument; used by one thread at a time.
class Trail {
 public:
  static constexpr std::size_t slices = 30;  // kept, beside the one that is going on

  // Where the latencies are counted; null: nowhere. They outlive the trail.
  struct Latencies {
    const LatencyCounts* first_byte = nullptr;
    const LatencyCounts* duration = nullptr;
  };
  // Begins with what has been counted so far.
  Trail(const Tally& counted, Latencies latencies, TimePoint now);

  // Ends the slice that is going on and begins another. Slices are as long as the caller makes them.
  void turn(const Tally& counted, TimePoint now);

  // What began at most `span` ago, by whole slices and the one that is going on.
  struct Recent {
    Duration span{};  // the time it is about
    Tally tally;
    LatencySpread first_byte;
    LatencySpread duration;
  };
  Recent recent(const Tally& counted, Duration span, TimePoint now) const;

  // The slices in order, the one that is going on last.
  struct Point {
    Tally tally;
    std::optional<Duration> first_byte;  // the median
  };
  std::vector<Point> points(const Tally& counted) const;

 private:
  struct Slice {
    TimePoint begun;
    Tally tally;
    LatencyBins first_byte;
    LatencyBins duration;
  };
  Slice current(const Tally& counted) const;

  Latencies latencies_;
  TimePoint begun_;  // of the slice that is going on, and what had been counted then
  Tally base_;
  LatencyReading first_byte_{};
  LatencyReading duration_{};
  std::deque<Slice> past_;
};

}  // namespace spillway::observe
