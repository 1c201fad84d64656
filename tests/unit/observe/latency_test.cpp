#include "spillway/observe/latency.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace spillway::observe {
namespace {

using namespace std::chrono_literals;

double ms(std::optional<Duration> value) {
  return value ? std::chrono::duration<double, std::milli>(*value).count() : -1;
}

LatencySpread spread_of(const std::vector<Duration>& values) {
  LatencyCounts counts;
  for (const Duration value : values) counts.observe(value);
  LatencyReading seen{};
  LatencySpread spread;
  spread.add(advance(seen, counts));
  return spread;
}

TEST(Latency, EveryBucketBeginsWhereTheOneBeforeEnds) {
  for (std::size_t bucket = 0; bucket < latency_buckets; ++bucket) {
    const Duration bound = latency_bound(bucket);
    EXPECT_LT(bound, latency_bound(bucket + 1));
    EXPECT_EQ(latency_bucket(bound), bucket);
    EXPECT_EQ(latency_bucket(bound + 1ns), bucket);
    if (bucket > 0) {
      EXPECT_EQ(latency_bucket(bound - 1ns), bucket - 1);
    }
  }
}

TEST(Latency, ABucketAboveTwoMillisecondsIsAtMostAnEighthWide) {
  for (std::size_t bucket = latency_bucket(2ms); bucket < latency_buckets - 1; ++bucket)
    EXPECT_LE(latency_bound(bucket + 1), latency_bound(bucket) * 9 / 8) << bucket;
}

TEST(Latency, WhatIsTooLongOrNegativeIsCountedAtTheEdge) {
  EXPECT_EQ(latency_bucket(-5ms), 0U);
  EXPECT_EQ(latency_bucket(24h), latency_buckets - 1);
  EXPECT_EQ(latency_bound(latency_buckets - 1), 1'048'576ms);
}

TEST(Latency, QuantilesAreWithinAnEighthOfTheTruth) {
  std::vector<Duration> values;
  for (int i = 1; i <= 1'000; ++i) values.push_back(Milliseconds(i));
  const LatencySpread spread = spread_of(values);
  EXPECT_EQ(spread.total(), 1'000U);
  for (const double q : {0.05, 0.25, 0.5, 0.75, 0.95, 0.99})
    EXPECT_NEAR(ms(spread.quantile(q)), 1'000 * q, 125 * q) << q;
}

TEST(Latency, QuantilesStayInsideTheBucketsThatCounted) {
  const LatencySpread spread = spread_of({100ms, 100ms, 100ms, 5s});
  EXPECT_NEAR(ms(spread.quantile(0.5)), 100, 12.5);
  EXPECT_NEAR(ms(spread.quantile(0)), 100, 12.5);
  EXPECT_NEAR(ms(spread.quantile(1)), 5'000, 625);
  EXPECT_NEAR(ms(spread.quantile(0.95)), 5'000, 625);
}

TEST(Latency, NothingHasNoQuantile) {
  EXPECT_EQ(LatencySpread().quantile(0.5), std::nullopt);
}

TEST(Latency, AReadingTellsOnlyWhatCameSinceTheLast) {
  LatencyCounts counts;
  LatencyReading seen{};
  counts.observe(10ms);
  EXPECT_EQ(advance(seen, counts).size(), 1U);
  EXPECT_TRUE(advance(seen, counts).empty());
  counts.observe(10ms);
  counts.observe(10ms);
  counts.observe(1s);
  const LatencyBins bins = advance(seen, counts);
  ASSERT_EQ(bins.size(), 2U);
  EXPECT_EQ(bins[0].bucket, latency_bucket(10ms));
  EXPECT_EQ(bins[0].count, 2U);
  EXPECT_EQ(bins[1].count, 1U);
}

TEST(Latency, CountsAreExactWhenManyThreadsAddAndOneReads) {
  constexpr std::uint64_t threads = 4, each = 20'000;
  LatencyCounts counts;
  LatencyReading seen{};
  LatencySpread spread;
  {
    std::vector<std::jthread> adding;
    for (std::uint64_t t = 0; t < threads; ++t) {
      adding.emplace_back([&counts] {
        for (std::uint64_t i = 0; i < each; ++i) counts.observe(Milliseconds(i % 300));
      });
    }
    for (int i = 0; i < 50; ++i) spread.add(advance(seen, counts));
  }
  spread.add(advance(seen, counts));
  EXPECT_EQ(spread.total(), threads * each);
}

}  // namespace
}  // namespace spillway::observe
