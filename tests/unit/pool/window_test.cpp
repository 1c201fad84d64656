#include "spillway/pool/window.hpp"
#include "fixture.hpp"

namespace spillway::pool {
namespace {

TEST(FailureWindow, SaysYesAtTheCountthFailureWithinTheInterval) {
  FailureWindow window;
  EXPECT_FALSE(window.add(at(0ms), 3, 10s));
  EXPECT_FALSE(window.add(at(1ms), 3, 10s));
  EXPECT_TRUE(window.add(at(2ms), 3, 10s));
}

TEST(FailureWindow, CountsAFailureOneMillisecondShortOfTheInterval) {
  FailureWindow window;
  window.add(at(0ms), 2, 10s);
  EXPECT_TRUE(window.add(at(9'999ms), 2, 10s));
}

TEST(FailureWindow, ForgetsAFailureExactlyTheIntervalOld) {
  FailureWindow window;
  window.add(at(0ms), 2, 10s);
  EXPECT_FALSE(window.add(at(10s), 2, 10s));
  EXPECT_TRUE(window.add(at(10s), 2, 10s));
}

TEST(FailureWindow, SlidesOverManyMoreFailuresThanItHolds) {
  FailureWindow window;
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(window.add(at(i * 5s), 3, 10s)) << i;
  EXPECT_FALSE(window.add(at(5'000s), 3, 10s));
  EXPECT_TRUE(window.add(at(5'001s), 3, 10s));
}

TEST(FailureWindow, WithACountOfOneSaysYesEachTime) {
  FailureWindow window;
  EXPECT_TRUE(window.add(at(0s), 1, 1s));
  EXPECT_TRUE(window.add(at(1h), 1, 1s));
}

TEST(FailureWindow, TakesATimeThatRunsBackwardsForTheLatestSeen) {
  FailureWindow window;
  window.add(at(100ms), 2, 50ms);
  EXPECT_TRUE(window.add(at(0ms), 2, 50ms));
  EXPECT_FALSE(window.add(at(150ms), 2, 50ms));
}

TEST(FailureWindow, IsEmptyAfterClear) {
  FailureWindow window;
  window.add(at(0ms), 2, 10s);
  window.add(at(1ms), 2, 10s);
  window.clear();
  EXPECT_FALSE(window.add(at(2ms), 2, 10s));
  EXPECT_TRUE(window.add(at(3ms), 2, 10s));
}

TEST(ShareWindow, CountsAnswersAndFailures) {
  ShareWindow window;
  for (int i = 0; i < 4; ++i) window.add(i == 0, at(i * 1s), 10s);
  EXPECT_EQ(window.answers(), 4U);
  EXPECT_EQ(window.failures(), 1U);
}

TEST(ShareWindow, KeepsAnAnswerUntilTheMillisecondBeforeItsTime) {
  ShareWindow window;
  window.add(true, at(0ms), 10s);
  window.add(false, at(9'999ms), 10s);
  EXPECT_EQ(window.failures(), 1U);
  window.add(false, at(10'000ms), 10s);
  EXPECT_EQ(window.failures(), 0U);
  EXPECT_EQ(window.answers(), 2U);
}

TEST(ShareWindow, LetsAnswersOfTheSameHundredthLeaveTogetherWithTheirFirst) {
  ShareWindow window;
  window.add(true, at(0ms), 10s);
  window.add(true, at(99ms), 10s);
  window.add(true, at(100ms), 10s);
  window.add(false, at(10'000ms), 10s);
  EXPECT_EQ(window.failures(), 1U);
  window.add(false, at(10'100ms), 10s);
  EXPECT_EQ(window.failures(), 0U);
}

TEST(ShareWindow, CountsExactlyAtAHighRate) {
  ShareWindow window;
  for (int ms = 0; ms < 60'000; ++ms)
    for (int i = 0; i < 3; ++i) window.add(i == 0, at(ms * 1ms), 10s);
  EXPECT_EQ(window.answers(), 3U * (60'000 - 50'000));
  EXPECT_EQ(window.failures(), 10'000U);
}

TEST(ShareWindow, IsEmptyAfterClear) {
  ShareWindow window;
  window.add(true, at(0s), 10s);
  window.clear();
  EXPECT_EQ(window.answers(), 0U);
  EXPECT_EQ(window.failures(), 0U);
}

}  // namespace
}  // namespace spillway::pool
