#include "pool/lane.hpp"
#include "fixture.hpp"

namespace spillway::pool {
namespace {

// One request that took so long; what is known then.
double after(Lane& lane, const Verdict& verdict, TimePoint entered, Duration took) {
  lane.enter(entered);
  lane.leave(verdict, entered, entered + took);
  return lane.average(entered + took).value_or(-1);
}

TEST(Lane, KnowsNothingBeforeTheFirstAnswer) {
  Lane lane;
  EXPECT_FALSE(lane.average(at(0s)));
  lane.enter(at(0s));
  EXPECT_EQ(lane.waiting(), 1U);
  EXPECT_EQ(lane.entered_at(), at(0s));
  EXPECT_FALSE(lane.average(at(1s)));
}

TEST(Lane, TakesTheFirstSampleAsItIsAndTheMeanOfThoseAtOnce) {
  Lane lane;
  EXPECT_DOUBLE_EQ(after(lane, ok(), at(0s), 100ms), 0.1);
  EXPECT_DOUBLE_EQ(lane.samples(), 1.0);
  lane.enter(at(0s));
  lane.enter(at(0s));
  lane.leave(Verdict::answered(302), at(-100ms), at(100ms));
  lane.leave(Verdict::answered(200), at(-200ms), at(100ms));
  EXPECT_NEAR(lane.average(at(100ms)).value_or(0), 0.2, 1e-9);
  EXPECT_DOUBLE_EQ(lane.samples(), 3.0);
  EXPECT_EQ(lane.waiting(), 0U);
}

TEST(Lane, FollowsAChangeWithinSecondsAtAnyRate) {
  for (const Duration interval : {Duration(5ms), Duration(100ms), Duration(1s)}) {
    Lane lane;
    for (Duration time = 0s; time < 20s; time += interval) after(lane, ok(), at(time - 100ms), 100ms);
    for (Duration time = 20s; time < 24s; time += interval) after(lane, ok(), at(time - 400ms), 400ms);
    EXPECT_NEAR(lane.average(at(24s)).value_or(0), 0.36, 0.025) << interval.count();
  }
}

TEST(Lane, PrefersTheTimeTheVerdictTells) {
  Lane lane;
  Verdict verdict = ok();
  verdict.first_byte = 30ms;
  EXPECT_DOUBLE_EQ(after(lane, verdict, at(0s), 5s), 0.03);
}

TEST(Lane, TakesAFailureForAtLeastTwiceTheAverage) {
  for (const Verdict& verdict :
       {Verdict::answered(500), Verdict::answered(429), Verdict::answered(408), Verdict::failed(ErrorKind::connect)}) {
    Lane lane;
    after(lane, ok(), at(0s), 100ms);
    EXPECT_NEAR(after(lane, verdict, at(100ms), 0ms), 0.15, 1e-9);
    EXPECT_NEAR(after(lane, verdict, at(1min), 7s), 7, 1e-9);
    Lane unknown;
    EXPECT_DOUBLE_EQ(after(unknown, verdict, at(0s), 1ms), 2.0);
  }
}

TEST(Lane, CapsWhatFailuresAddUpTo) {
  Lane lane;
  for (int i = 0; i < 100; ++i) after(lane, Verdict::failed(ErrorKind::reset), at(i * 10s), 1ms);
  EXPECT_LE(lane.average(at(991s)).value_or(0), 60);
  EXPECT_LE(after(lane, Verdict::failed(ErrorKind::timeout), at(1'000s), 300s), 60);
}

TEST(Lane, LearnsNothingFromOtherRefusals) {
  Lane lane;
  after(lane, ok(), at(0s), 100ms);
  for (const int status : {400, 401, 404, 422})
    EXPECT_DOUBLE_EQ(after(lane, Verdict::answered(status), at(1s), 0ms), 0.1);
  EXPECT_EQ(lane.waiting(), 0U);
}

TEST(Lane, LearnsFromAnAbandonedRequestOnlyThatItWaitedLonger) {
  Lane lane;
  EXPECT_EQ(after(lane, Verdict::abandoned(), at(0s), 9s), -1);
  after(lane, ok(), at(10s), 100ms);
  EXPECT_DOUBLE_EQ(after(lane, Verdict::abandoned(), at(11s), 50ms), 0.1);
  EXPECT_GT(after(lane, Verdict::abandoned(), at(12s), 2s), 1.0);
}

TEST(Lane, HoldsABrokenAnswerAgainstTheBackend) {
  Lane lane;
  after(lane, ok(), at(0s), 100ms);
  lane.break_off(at(100ms));
  EXPECT_NEAR(lane.average(at(100ms)).value_or(0), 0.15, 1e-9);
}

TEST(Lane, ForgetsAfterHalfAMinute) {
  Lane lane;
  after(lane, ok(), at(0s), 100ms);
  EXPECT_TRUE(lane.average(at(30s)));
  EXPECT_FALSE(lane.average(at(30'100ms)));
}

TEST(Lane, BearsATimeThatRunsBackwards) {
  Lane lane;
  after(lane, ok(), at(1s), 100ms);
  EXPECT_NEAR(after(lane, ok(), at(0s), 300ms), 0.2, 1e-9);
}

// What the pool does with a lane's request on each way it may end.
TEST(Lane, IsLeftOnceHoweverTheRequestEnds) {
  for (int way = 0; way < 5; ++way) {
    Blueprint blueprint;
    blueprint.pool("p", {{"a"}, {"b"}}).config.pools[0].strategy = config::Strategy::least_latency;
    for (config::Backend& backend : blueprint.config.backends) backend.circuit_breaker.rules.clear();
    const auto live = fleet(blueprint);
    Pool& pool = *live->pool(0);
    for (int i = 0; i < 50; ++i) {
      Picked taken = picked(pool, "m", at(i * 1s), tried({1}));
      if (way == 1) taken.lease.answer_begins(200, at(i * 1s));
      if (way == 2) taken.lease.answer_begins(503, at(i * 1s));
      if (way == 3) taken.lease = Lease();
      if (way == 4) {
        Lease moved = std::move(taken.lease);
        moved.answer_begins(404, at(i * 1s));
      }
      if (way < 3) taken.lease.settle(way == 0 ? ok() : Verdict::failed(ErrorKind::reset), at(i * 1s));
    }
    // Nothing waits and nothing is known any more: both are as good as new.
    EXPECT_THAT(spread(pool, "m", at(5min), 100), ::testing::ElementsAre(50, 50)) << way;
  }
}

}  // namespace
}  // namespace spillway::pool
