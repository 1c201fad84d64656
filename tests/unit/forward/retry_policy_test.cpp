#include "forward/retry_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace spillway::forward {
namespace {

using ::testing::ElementsAre;

config::Retry rules(int interval, int delta = 0, int max_interval = 0, bool first_fast_retry = false) {
  config::Retry made;
  made.interval = Milliseconds(interval);
  made.delta = Milliseconds(delta);
  made.max_interval = Milliseconds(max_interval);
  made.first_fast_retry = first_fast_retry;
  return made;
}

// Before the first five retries, in milliseconds.
std::vector<std::int64_t> waits(const config::Retry& rules, double jitter = 0) {
  std::vector<std::int64_t> made;
  for (int retry = 1; retry <= 5; ++retry) made.push_back(retry_wait(rules, retry, jitter).count());
  return made;
}

TEST(RetryWait, IsNoneByDefault) {
  EXPECT_THAT(waits(config::Retry::defaults()), ElementsAre(0, 0, 0, 0, 0));
}

TEST(RetryWait, IsTheIntervalEachTime) {
  EXPECT_THAT(waits(rules(200)), ElementsAre(200, 200, 200, 200, 200));
  EXPECT_THAT(waits(rules(200), 0.2), ElementsAre(200, 200, 200, 200, 200));
}

TEST(RetryWait, GrowsByTheDelta) {
  EXPECT_THAT(waits(rules(200, 50)), ElementsAre(200, 250, 300, 350, 400));
  EXPECT_THAT(waits(rules(0, 50), -0.2), ElementsAre(0, 50, 100, 150, 200));
}

TEST(RetryWait, DoublesUpToTheCap) {
  EXPECT_THAT(waits(rules(100, 100, 1000)), ElementsAre(100, 200, 400, 800, 1000));
  EXPECT_THAT(waits(rules(100, 50, 10'000)), ElementsAre(100, 150, 250, 450, 850));
  EXPECT_THAT(waits(rules(500, 0, 300)), ElementsAre(300, 300, 300, 300, 300));
}

TEST(RetryWait, VariesEachDeltaButNotTheIntervalNorTheCap) {
  EXPECT_THAT(waits(rules(100, 100, 1200), 0.2), ElementsAre(100, 220, 460, 940, 1200));
  EXPECT_THAT(waits(rules(100, 100, 1200), -0.2), ElementsAre(100, 180, 340, 660, 1200));
}

TEST(RetryWait, OfAFastFirstRetryIsZeroAndTheOthersComeOneLater) {
  EXPECT_THAT(waits(rules(200, 0, 0, true)), ElementsAre(0, 200, 200, 200, 200));
  EXPECT_THAT(waits(rules(200, 50, 0, true)), ElementsAre(0, 200, 250, 300, 350));
  EXPECT_THAT(waits(rules(100, 100, 1000, true)), ElementsAre(0, 100, 200, 400, 800));
}

TEST(RetryWait, StaysAtTheCapHoweverManyRetries) {
  for (const int retry : {31, 32, 64, 1000, 2'000'000'000})
    EXPECT_EQ(retry_wait(rules(1, 1, 3'600'000), retry, 0), Milliseconds(3'600'000)) << retry;
}

TEST(AllowsAttempt, AnyNumberWithoutALimit) {
  const TimePoint begun = TimePoint() + Milliseconds(1000);
  EXPECT_TRUE(allows_attempt(config::Retry::defaults(), 29, begun, begun + std::chrono::hours(24)));
}

TEST(AllowsAttempt, UpToTheLimitTheFirstIncluded) {
  config::Retry rules;
  const TimePoint begun = TimePoint() + Milliseconds(1000);
  rules.max_attempts = 3;
  EXPECT_TRUE(allows_attempt(rules, 1, begun, begun));
  EXPECT_TRUE(allows_attempt(rules, 2, begun, begun));
  EXPECT_FALSE(allows_attempt(rules, 3, begun, begun));
  rules.max_attempts = 1;
  EXPECT_FALSE(allows_attempt(rules, 1, begun, begun));
}

TEST(AllowsAttempt, BeforeTheDeadlineOnly) {
  config::Retry rules;
  rules.deadline = Milliseconds(500);
  const TimePoint begun = TimePoint() + Milliseconds(1000);
  EXPECT_TRUE(allows_attempt(rules, 1, begun, begun + Milliseconds(499)));
  EXPECT_FALSE(allows_attempt(rules, 1, begun, begun + Milliseconds(500)));
  rules.max_attempts = 1;
  EXPECT_FALSE(allows_attempt(rules, 1, begun, begun));
}

}  // namespace
}  // namespace spillway::forward
