#include "lab/limits.hpp"

#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

using std::chrono::microseconds;

const TimePoint start = TimePoint() + std::chrono::hours(1);
TimePoint at(std::int64_t ms) {
  return start + Milliseconds{ms};
}

TEST(PaygoLimiter, TakesASixthOfTheMinutesRequestsInTenSeconds) {
  PaygoLimiter limiter({std::nullopt, 60});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limiter.admit(1, at(i)).admitted()) << i;
  const Admission refused = limiter.admit(1, at(4'000));
  EXPECT_EQ(refused.exceeded, Exceeded::requests);
  EXPECT_EQ(refused.retry_after, Milliseconds{6'000});
}

TEST(PaygoLimiter, OpensTheNextSliceToTheMillisecond) {
  PaygoLimiter limiter({std::nullopt, 6});
  EXPECT_TRUE(limiter.admit(1, at(0)).admitted());
  EXPECT_EQ(limiter.admit(1, at(9'999)).retry_after, Milliseconds{1});
  EXPECT_TRUE(limiter.admit(1, at(10'000)).admitted());
}

TEST(PaygoLimiter, RoundsTheSlicesShareUp) {
  PaygoLimiter limiter({std::nullopt, 10});
  EXPECT_EQ(limiter.requests_per_slice(), 2);
}

TEST(PaygoLimiter, CountsRefusedRequestsAgainstTheMinute) {
  PaygoLimiter limiter({std::nullopt, 12});
  for (int i = 0; i < 12; ++i) limiter.admit(1, at(i));  // 2 taken, 10 refused
  const Admission refused = limiter.admit(1, at(10'000));
  EXPECT_EQ(refused.exceeded, Exceeded::requests);
  EXPECT_EQ(refused.retry_after, Milliseconds{50'000});
  EXPECT_TRUE(limiter.admit(1, at(60'000)).admitted());
}

TEST(PaygoLimiter, SumsTokensOverAMinute) {
  PaygoLimiter limiter({1000, std::nullopt});
  EXPECT_TRUE(limiter.admit(600, at(0)).admitted());
  EXPECT_TRUE(limiter.admit(400, at(1'000)).admitted());
  const Admission refused = limiter.admit(1, at(59'999));
  EXPECT_EQ(refused.exceeded, Exceeded::tokens);
  EXPECT_EQ(refused.retry_after, Milliseconds{1});
  EXPECT_TRUE(limiter.admit(1, at(60'000)).admitted());
}

TEST(PaygoLimiter, DoesNotAddTheTokensOfARefusedRequest) {
  PaygoLimiter limiter({1000, std::nullopt});
  EXPECT_FALSE(limiter.admit(1001, at(0)).admitted());
  EXPECT_TRUE(limiter.admit(1000, at(1)).admitted());
}

TEST(PaygoLimiter, TellsWhatIsLeft) {
  PaygoLimiter limiter({1000, 60});
  EXPECT_EQ(limiter.left(at(0)).requests, 60);
  EXPECT_EQ(limiter.left(at(0)).tokens, 1000);
  limiter.admit(300, at(0));
  const PaygoLimiter::Left left = limiter.left(at(2'500));
  EXPECT_EQ(left.requests, 59);
  EXPECT_EQ(left.tokens, 700);
  EXPECT_EQ(left.requests_reset, Milliseconds{7'500});
  EXPECT_EQ(left.tokens_reset, Milliseconds{57'500});
  EXPECT_EQ(limiter.left(at(60'000)).tokens, 1000);
}

TEST(PaygoLimiter, NeverTellsLessThanNothingIsLeft) {
  PaygoLimiter limiter({std::nullopt, 6});
  for (int i = 0; i < 20; ++i) limiter.admit(1, at(i));
  EXPECT_EQ(limiter.left(at(20)).requests, 0);
}

TEST(PaygoLimiter, RoundsAWaitUpToWholeMilliseconds) {
  PaygoLimiter limiter({std::nullopt, 6});
  limiter.admit(1, start);
  EXPECT_EQ(limiter.admit(1, start + microseconds{9'998'500}).retry_after, Milliseconds{2});
}

TEST(PaygoLimiter, WithoutLimitsTakesEverything) {
  PaygoLimiter limiter({});
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.admit(1'000'000, at(0)).admitted());
}

// 60 000 tokens a minute are one a millisecond; a window of 10 s is 10 000 tokens.
PtuMeter meter() {
  return PtuMeter({60'000, Milliseconds{10'000}});
}

TEST(PtuMeter, TakesRequestsUntilUtilisationHasPassedAHundredPercent) {
  PtuMeter ptu = meter();
  EXPECT_TRUE(ptu.admit(9'999, at(0)).admitted());
  EXPECT_TRUE(ptu.admit(1, at(0)).admitted());
  EXPECT_EQ(ptu.utilisation_permille(at(0)), 1000);
  EXPECT_TRUE(ptu.admit(500, at(0)).admitted()) << "exactly 100 % is not past it";
  const Admission refused = ptu.admit(1, at(0));
  EXPECT_EQ(refused.exceeded, Exceeded::utilisation);
  EXPECT_EQ(refused.retry_after, Milliseconds{500});
}

TEST(PtuMeter, TakesTheNextRequestExactlyWhenItSaid) {
  PtuMeter ptu = meter();
  ptu.admit(10'500, at(0));
  EXPECT_EQ(ptu.admit(1, at(499)).retry_after, Milliseconds{1});
  EXPECT_TRUE(ptu.admit(1, at(500)).admitted());
}

TEST(PtuMeter, ARefusedRequestLeavesNoTrace) {
  PtuMeter ptu = meter();
  ptu.admit(12'000, at(0));
  for (int i = 0; i < 100; ++i) ptu.admit(5'000, at(0));
  EXPECT_EQ(ptu.utilisation_permille(at(0)), 1200);
}

TEST(PtuMeter, DrainsAllTheTimeAndNotBelowNothing) {
  PtuMeter ptu = meter();
  ptu.admit(5'000, at(0));
  EXPECT_EQ(ptu.utilisation_permille(at(1'280)), 372);
  EXPECT_EQ(ptu.utilisation_permille(at(5'000)), 0);
  EXPECT_EQ(ptu.utilisation_permille(at(10'000'000)), 0);
  EXPECT_TRUE(ptu.admit(10'000, at(10'000'000)).admitted());
  EXPECT_EQ(ptu.utilisation_permille(at(10'000'000)), 1000);
}

TEST(PtuMeter, DrainsTheSameInManySmallSteps) {
  PtuMeter ptu = meter();
  ptu.admit(5'000, at(0));
  for (int i = 1; i <= 3'000; ++i) ptu.admit(0, start + microseconds{i * 700});
  EXPECT_EQ(ptu.utilisation_permille(at(2'100)), 290);
}

TEST(PtuMeter, CorrectsTheEstimateWhenTheRequestEnds) {
  PtuMeter ptu = meter();
  ptu.admit(5'000, at(0));
  ptu.settle(5'000, 1'000, at(0));
  EXPECT_EQ(ptu.utilisation_permille(at(0)), 100);
  ptu.settle(0, 2'000, at(0));
  EXPECT_EQ(ptu.utilisation_permille(at(0)), 300);
  ptu.settle(9'000, 0, at(0));
  EXPECT_EQ(ptu.utilisation_permille(at(0)), 0);
}

}  // namespace
}  // namespace spillway::lab
