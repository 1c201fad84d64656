#include "lab/overhead.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace spillway::lab {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

std::string refusal(const std::string& rate, const std::string& duration, int rounds) {
  std::string problem;
  EXPECT_FALSE(read_measuring(rate, duration, rounds, 6, problem));
  return problem;
}

Overhead small_one() {
  const Rounds direct = {{10, 20, 30}, {20, 30, 40}};
  const Rounds through = {{30, 40, 50}, {31, 41, 99}};
  return {{}, {{"json", "JSON answer", {{"direct", "direct", direct}, {"gateway", "through the gateway", through}}}}};
}

TEST(MeasuringPlan, IsTheUsualUnlessSaidOtherwise) {
  std::string problem;
  const auto usual = read_measuring("", "", 0, 6, problem);
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->rate, 500);
  EXPECT_EQ(usual->duration, 30s);
  EXPECT_EQ(usual->rounds, 20);
  const auto other = read_measuring("600/m", "1m", 2, 6, problem);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->rate, 10);
  EXPECT_EQ(other->duration, 1min);
  EXPECT_EQ(other->rounds, 2);
}

TEST(MeasuringPlan, WhatMakesNoSenseIsNamed) {
  EXPECT_THAT(refusal("fast", "", 0), HasSubstr("--rate: fast is no rate"));
  EXPECT_THAT(refusal("", "long", 0), HasSubstr("--duration: long is no duration"));
  EXPECT_THAT(refusal("", "", -1), HasSubstr("--rounds: from 1 to 1000"));
  EXPECT_THAT(refusal("", "", 1001), HasSubstr("--rounds: from 1 to 1000"));
  EXPECT_EQ(refusal("10", "5s", 10), "--duration: too short: 10 rounds of 6 measurements with a request each take 6 s");
  EXPECT_THAT(refusal("10", "0s", 1), HasSubstr("--duration: too short"));
}

TEST(OverheadPercentiles, AreOfAllRoundsTogether) {
  const Percentiles all = percentiles({{5, 1}, {}, {4, 2, 3}});
  EXPECT_EQ(all.requests, 5U);
  EXPECT_EQ(all.p50, 3);
  EXPECT_EQ(all.p99, 5);
  EXPECT_EQ(percentiles({}).requests, 0U);
  EXPECT_EQ(percentiles({}).p99, 0);
}

TEST(OverheadAdded, IsTheDifferenceOfPercentilesAndHowItVaries) {
  const Added more = added({{10, 20, 30}, {20, 30, 40}}, {{30, 40, 50}, {31, 41, 99}});
  EXPECT_EQ(more.p50, 40 - 20);
  EXPECT_EQ(more.p99, 99 - 40);
  EXPECT_EQ(more.low_p50, 41 - 30);
  EXPECT_EQ(more.high_p50, 40 - 20);
}

TEST(OverheadAdded, OneRoundInWhichTheMachineWasBusyDoesNotCount) {
  const Added more = added({{10}, {10}, {10}, {10}}, {{9000}, {31}, {29}, {-50}});
  EXPECT_EQ(more.low_p50, -60);
  EXPECT_EQ(more.high_p50, 21);
}

TEST(OverheadAdded, MayBeLostInTheNoise) {
  const Added less = added({{10}, {30}}, {{9}, {31}});
  EXPECT_EQ(less.p50, -1);
  EXPECT_EQ(less.low_p50, -1);
  EXPECT_EQ(less.high_p50, 1);
}

TEST(OverheadText, PutsEachWayBesideTheDirectOne) {
  EXPECT_EQ(overhead_text(small_one(), Paint(false)),
            "   500 requests a second, 20 rounds; times in microseconds\n"
            "\n"
            "                                requests        P50        P99  added P50        P99  P50 in half of the "
            "rounds\n"
            "   JSON answer\n"
            "     direct                            6         20         40\n"
            "     through the gateway               6         40         99        +20        +59  +11 to +20\n"
            "\n");
}

TEST(OverheadText, NothingThatSucceededHasNoTimes) {
  Overhead nothing = small_one();
  for (Way& way : nothing.measured.front().ways) way.rounds = {{}, {}};
  EXPECT_THAT(overhead_text(nothing, Paint(false)), HasSubstr("through the gateway               0\n"));
}

TEST(OverheadJson, HoldsWhatTheTableShows) {
  const auto saved = nlohmann::json::parse(overhead_json(small_one(), true));
  EXPECT_EQ(saved["format"], "spillway-overhead");
  EXPECT_EQ(saved["version"], 1);
  EXPECT_EQ(saved["as_expected"], true);
  EXPECT_EQ(saved["parameters"]["rate"], 500);
  EXPECT_EQ(saved["parameters"]["duration_ms"], 30'000);
  const auto& ways = saved["measured"][0]["ways"];
  EXPECT_EQ(ways[0]["name"], "direct");
  EXPECT_EQ(ways[0].count("added_us"), 0U);
  EXPECT_EQ(ways[1]["p50_us"], 40);
  EXPECT_EQ(ways[1]["requests"], 6);
  EXPECT_EQ(ways[1]["added_us"]["p50"], 20);
  EXPECT_EQ(ways[1]["added_us"]["p99"], 59);
  EXPECT_EQ(ways[1]["added_us"]["low_p50"], 11);
  EXPECT_EQ(ways[1]["added_us"]["high_p50"], 20);
}

}  // namespace
}  // namespace spillway::lab
