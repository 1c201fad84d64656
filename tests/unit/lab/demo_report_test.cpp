#include "lab/demo_report.hpp"

#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

TEST(Tally, CountsAnswersByBackendAndWhatWasHidden) {
  const Tally result = tally({{200, "a", "East", "a;200", 10},
                              {200, "b", "West", "a;429, b;200", 30},
                              {200, "c", "North", "a;connect, b;429, c;200", 20},
                              {503, "", "", "a;429", 1}});
  EXPECT_EQ(result.sent, 4);
  EXPECT_EQ(result.succeeded, 3);
  EXPECT_EQ(result.from("a"), 1);
  EXPECT_EQ(result.from("z"), 0);
  EXPECT_EQ(result.hidden, (std::map<std::string, int>{{"429", 2}, {"connect", 1}}));
  EXPECT_EQ(result.hidden_total(), 3);
  EXPECT_EQ(result.median_ms, 20);
}

TEST(Median, IsTheMiddle) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({4, 1}), 2.5);
  EXPECT_EQ(median({9, 1, 5}), 5);
}

TEST(Table, IsReadableWithoutColours) {
  const Tally result =
      tally({{200, "east-ptu", "East US", "east-ptu;200", 10}, {200, "west", "West US", "east-ptu;429, west;200", 30}});
  EXPECT_EQ(table(result, {{"east-ptu", "East US"}, {"west", "West US"}}, Paint(false)),
            "   2 of 2 answered, each in about 20 ms\n"
            "   east-ptu  East US  ###############...............     1   50 %\n"
            "   west      West US  ###############...............     1   50 %\n"
            "   kept from the callers: 1 x 429 (too busy)\n");
}

TEST(Table, SaysWhenNothingWentWrong) {
  const std::string text = table(tally({{200, "a", "A", "a;200", 1}}), {{"a", "A"}}, Paint(false));
  EXPECT_NE(text.find("kept from the callers: nothing, all was well\n"), std::string::npos);
}

TEST(Paint, LeavesTextAloneWithoutColours) {
  EXPECT_EQ(Paint(false).good("x"), "x");
  EXPECT_EQ(Paint(true).good("x"), "\x1b[32mx\x1b[0m");
}

}  // namespace
}  // namespace spillway::lab
