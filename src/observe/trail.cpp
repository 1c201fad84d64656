#include "spillway/observe/trail.hpp"

#include <utility>

namespace spillway::observe {
namespace {

// A count that is less than it was has begun anew.
std::uint64_t since(std::uint64_t now, std::uint64_t then) noexcept {
  return now < then ? now : now - then;
}

Tally since(const Tally& now, const Tally& then) noexcept {
  return {since(now.requests, then.requests), since(now.failures, then.failures), since(now.throttled, then.throttled)};
}

void add(Tally& sum, const Tally& more) noexcept {
  sum.requests += more.requests;
  sum.failures += more.failures;
  sum.throttled += more.throttled;
}

LatencyBins advance_some(LatencyReading& seen, const LatencyCounts* counts) {
  return counts == nullptr ? LatencyBins() : advance(seen, *counts);
}

std::optional<Duration> median(const LatencyBins& bins) {
  LatencySpread spread;
  spread.add(bins);
  return spread.quantile(0.5);
}

}  // namespace

Trail::Trail(const Tally& counted, Latencies latencies, TimePoint now)
    : latencies_(latencies), begun_(now), base_(counted) {
  advance_some(first_byte_, latencies_.first_byte);
  advance_some(duration_, latencies_.duration);
}

Trail::Slice Trail::current(const Tally& counted) const {
  LatencyReading first_byte = first_byte_;
  LatencyReading duration = duration_;
  Slice slice;
  slice.begun = begun_;
  slice.tally = since(counted, base_);
  slice.first_byte = advance_some(first_byte, latencies_.first_byte);
  slice.duration = advance_some(duration, latencies_.duration);
  return slice;
}

void Trail::turn(const Tally& counted, TimePoint now) {
  Slice ended;
  ended.begun = std::exchange(begun_, now);
  ended.tally = since(counted, std::exchange(base_, counted));
  ended.first_byte = advance_some(first_byte_, latencies_.first_byte);
  ended.duration = advance_some(duration_, latencies_.duration);
  past_.push_back(std::move(ended));
  if (past_.size() > slices) past_.pop_front();
}

Trail::Recent Trail::recent(const Tally& counted, Duration span, TimePoint now) const {
  Recent recent;
  const auto take = [&](const Slice& slice) {
    add(recent.tally, slice.tally);
    recent.first_byte.add(slice.first_byte);
    recent.duration.add(slice.duration);
  };
  take(current(counted));
  TimePoint begun = begun_;
  for (auto slice = past_.rbegin(); slice != past_.rend() && now - slice->begun <= span; ++slice) {
    take(*slice);
    begun = slice->begun;
  }
  recent.span = now - begun;
  return recent;
}

std::vector<Trail::Point> Trail::points(const Tally& counted) const {
  std::vector<Point> all;
  all.reserve(past_.size() + 1);
  const auto take = [&](const Slice& slice) { all.push_back({slice.tally, median(slice.first_byte)}); };
  for (const Slice& slice : past_) take(slice);
  take(current(counted));
  return all;
}

}  // namespace spillway::observe
