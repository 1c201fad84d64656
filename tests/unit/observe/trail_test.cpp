#include "spillway/observe/trail.hpp"

#include <gtest/gtest.h>

namespace spillway::observe {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start = TimePoint() + 1h;

struct Counting {
  Tally tally;
  LatencyCounts first_byte;
  LatencyCounts duration;
  Trail trail{tally, {&first_byte, &duration}, start};

  void request(Duration to_first, Duration to_last) {
    ++tally.requests;
    first_byte.observe(to_first);
    duration.observe(to_last);
  }
  Trail::Recent recent(Duration span, Duration after) const { return trail.recent(tally, span, start + after); }
};

TEST(Trail, CountsFromItsBeginning) {
  Tally counted{7, 2, 1};
  const Trail trail(counted, {}, start);
  EXPECT_EQ(trail.recent(counted, 60s, start + 5s).tally, Tally());
  counted = {10, 3, 1};
  const Trail::Recent recent = trail.recent(counted, 60s, start + 5s);
  EXPECT_EQ(recent.tally, (Tally{3, 1, 0}));
  EXPECT_EQ(recent.span, 5s);
}

TEST(Trail, ForgetsSlicesThatBeganBeforeTheSpan) {
  Counting all;
  for (int slice = 0; slice < 9; ++slice) {
    for (int i = 0; i <= slice; ++i) all.request(100ms, 200ms);
    all.trail.turn(all.tally, start + (slice + 1) * 10s);
  }
  // Slices began at 0, 10, … 80 s; another is going on since 90 s.
  const Trail::Recent recent = all.recent(60s, 94s);
  EXPECT_EQ(recent.span, 54s);
  EXPECT_EQ(recent.tally.requests, 5U + 6U + 7U + 8U + 9U);
  EXPECT_EQ(recent.first_byte.total(), recent.tally.requests);
  EXPECT_EQ(recent.duration.total(), recent.tally.requests);
  EXPECT_EQ(all.recent(60s, 100s).tally.requests, recent.tally.requests) << "just a minute is not too long";
  EXPECT_EQ(all.recent(60s, 100s + 1ms).tally.requests, 6U + 7U + 8U + 9U);
}

TEST(Trail, TellsLatenciesOfTheSpanAlone) {
  Counting all;
  for (int i = 0; i < 100; ++i) all.request(2s, 4s);
  all.trail.turn(all.tally, start + 10s);
  all.trail.turn(all.tally, start + 70s);
  for (int i = 0; i < 3; ++i) all.request(100ms, 800ms);
  const Trail::Recent recent = all.recent(60s, 75s);
  const auto milliseconds = [](std::optional<Duration> value) {
    return std::chrono::duration<double, std::milli>(value.value()).count();
  };
  EXPECT_NEAR(milliseconds(recent.first_byte.quantile(0.5)), 100, 12.5);
  EXPECT_NEAR(milliseconds(recent.duration.quantile(0.95)), 800, 100);
}

TEST(Trail, KeepsThirtySlicesAndTheOneGoingOn) {
  Counting all;
  for (int slice = 0; slice < 40; ++slice) {
    all.tally.requests += 100U + static_cast<unsigned>(slice);
    all.trail.turn(all.tally, start + (slice + 1) * 10s);
  }
  all.tally.requests += 5;
  const std::vector<Trail::Point> points = all.trail.points(all.tally);
  ASSERT_EQ(points.size(), Trail::slices + 1);
  EXPECT_EQ(points.front().tally.requests, 110U);
  EXPECT_EQ(points[29].tally.requests, 139U);
  EXPECT_EQ(points.back().tally.requests, 5U);
}

TEST(Trail, HasNoMedianWhereNothingWasAnswered) {
  Counting all;
  all.request(100ms, 100ms);
  all.trail.turn(all.tally, start + 10s);
  all.trail.turn(all.tally, start + 20s);
  const std::vector<Trail::Point> points = all.trail.points(all.tally);
  ASSERT_EQ(points.size(), 3U);
  EXPECT_TRUE(points[0].first_byte.has_value());
  EXPECT_FALSE(points[1].first_byte.has_value());
  EXPECT_FALSE(points[2].first_byte.has_value());
}

TEST(Trail, LookingChangesNothing) {
  Counting all;
  all.request(100ms, 100ms);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(all.recent(60s, 1s).first_byte.total(), 1U);
    EXPECT_EQ(all.trail.points(all.tally).back().tally.requests, 1U);
  }
}

TEST(Trail, ACountThatBeganAnewIsTakenAsItIs) {
  Counting all;
  all.tally = {100, 10, 10};
  all.trail.turn(all.tally, start + 10s);
  all.tally = {4, 1, 0};
  EXPECT_EQ(all.trail.points(all.tally).back().tally, (Tally{4, 1, 0}));
}

}  // namespace
}  // namespace spillway::observe
