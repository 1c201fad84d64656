#include "lab/load_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/progress.hpp"
#include "load_fixture.hpp"

namespace spillway::lab {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

const Paint plain(false);

TEST(RequestLine, HasNumberStatusBackendRegionAndSeconds) {
  EXPECT_EQ(request_line(sent_to(7, "eastus-ptu", "East US", 1234.5), plain),
            "     7     200  eastus-ptu            East US               1.234 s\n");
}

TEST(RequestLine, SaysWhyARequestFailed) {
  EXPECT_EQ(request_line(failed_with(8, 503, "overloaded", "Too many."), plain),
            "     8     503  -                     -                     0.005 s  overloaded: Too many.\n");
  Sent nothing = failed_with(9, 0, "", "");
  nothing.error = "cannot connect: Connection refused";
  EXPECT_EQ(
      request_line(nothing, plain),
      "     9     ---  -                     -                     0.005 s  cannot connect: Connection refused\n");
}

TEST(RequestLine, AHostileServerCannotSteerTheTerminal) {
  EXPECT_THAT(request_line(sent_to(1, "\x1b[2J\x07", "\xC2\x9B", 1), Paint(true)), Not(HasSubstr("\x1b[2J")));
  const std::string refused = request_line(failed_with(1, 500, "a\nb", "c\rd\x1b]0;x"), plain);
  EXPECT_EQ(refused.find_first_of("\r\x1b"), std::string::npos);
  EXPECT_EQ(refused.find('\n'), refused.size() - 1);
}

TEST(SummaryText, HasEverythingThatIsAskedOfARun) {
  EXPECT_EQ(summary_text(three_requests(), 10, plain),
            "\n3 requests in 2.0 s (1.5 a second), 3 succeeded (100.0 %)\n"
            "Pace: 1 caller\n"
            "Strategy: priority\n"
            "\n"
            "Backend                                     requests    share     average\n"
            "eastus-ptu  ####################..........         2   66.7 %     0.150 s\n"
            "westus      ##########....................         1   33.3 %     0.300 s\n"
            "\n"
            "Region                                   requests    share     average\n"
            "East US  ####################..........         2   66.7 %     0.150 s\n"
            "West US  ##########....................         1   33.3 %     0.300 s\n"
            "\n"
            "Time             average    minimum    maximum        P50        P95        P99\n"
            "response         0.200 s    0.100 s    0.300 s    0.200 s    0.300 s    0.300 s\n"
            "first byte       0.100 s    0.050 s    0.150 s    0.100 s    0.150 s    0.150 s\n");
}

TEST(SummaryText, ListsTheFirstFailures) {
  const LoadResult result =
      result_of({failed_with(1, 503, "overloaded", "Too many."), sent_to(2, "a", "A", 1),
                 failed_with(3, 503, "overloaded", "Still."), failed_with(4, 429, "429", "Wait.")});
  const std::string text = summary_text(result, 2, plain);
  EXPECT_THAT(text, HasSubstr("1 succeeded (25.0 %)"));
  EXPECT_THAT(text, HasSubstr("       2 x  503  overloaded\n       1 x  429  429\n"));
  EXPECT_THAT(text,
              HasSubstr("The first 2:\n       1    503  overloaded: Too many.\n       3    503  overloaded: Still.\n"));
  EXPECT_THAT(text, Not(HasSubstr("Wait.")));
}

TEST(SummaryText, TimesOfNothingAreNone) {
  const std::string text = summary_text(result_of({failed_with(1, 503, "overloaded", "")}), 10, plain);
  EXPECT_THAT(text, HasSubstr("response               -          -"));
  EXPECT_THAT(summary_text(result_of({}), 10, plain), HasSubstr("0 requests in 2.0 s"));
}

TEST(SummaryText, SaysWhatMakesItsNumbersDifferent) {
  LoadResult result = three_requests();
  result.parameters.rate = 50;
  result.parameters.concurrency = 10;
  result.summary.held_back = 4;
  result.summary.interrupted = true;
  result.records.pop_back();
  const std::string text = summary_text(result, 10, plain);
  EXPECT_THAT(text, HasSubstr("Pace: 50 a second, at most 10 in flight\n"));
  EXPECT_THAT(text, HasSubstr("4 requests had to wait because 10 were in flight"));
  EXPECT_THAT(text, HasSubstr("interrupted"));
  EXPECT_THAT(text, HasSubstr("sample of 2 requests"));
}

TEST(Progress, RewritesItsLineOnATerminal) {
  Progress progress(true);
  LoadParameters parameters;
  parameters.requests = 100;
  EXPECT_EQ(progress.last(), "") << "nothing to take away yet";
  EXPECT_EQ(progress.next({900ms, 5, 0, 2}, parameters), "") << "a short run needs none";
  EXPECT_EQ(progress.next({1s, 10, 1, 2}, parameters), "\r\x1b[K1 s: 10 of 100 ended, 2 in flight, 1 failed");
  EXPECT_EQ(progress.next({1100ms, 11, 1, 2}, parameters), "");
  EXPECT_NE(progress.next({1200ms, 12, 1, 2}, parameters), "");
  EXPECT_EQ(progress.last(), "\r\x1b[K");
}

TEST(Progress, IsALineEveryTenSecondsElsewhere) {
  Progress progress(false);
  LoadParameters parameters;
  parameters.duration = 1min;
  EXPECT_EQ(progress.next({9s, 5, 0, 2}, parameters), "");
  EXPECT_EQ(progress.next({10s, 10, 0, 2}, parameters), "10 s of 60 s: 10 ended, 2 in flight, 0 failed\n");
  EXPECT_EQ(progress.next({19s, 10, 0, 2}, parameters), "");
  EXPECT_NE(progress.next({20s, 10, 0, 2}, parameters), "");
  EXPECT_EQ(progress.last(), "");
}

}  // namespace
}  // namespace spillway::lab
