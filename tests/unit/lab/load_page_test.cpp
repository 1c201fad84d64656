#include "lab/load_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/chart.hpp"
#include "load_fixture.hpp"

namespace spillway::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<LoadRecord> ramp(std::size_t count) {
  std::vector<LoadRecord> records(count);
  for (std::size_t i = 0; i < count; ++i) {
    records[i].number = i + 1;
    records[i].milliseconds = static_cast<double>(i + 1);
    records[i].succeeded = i % 10 != 9;
    records[i].region = i % 2 == 0 ? "East US" : "West US";
  }
  return records;
}

const std::vector<std::string> two_regions = {"East US", "West US"};

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Bars, AreOneForEachRequestWhileThereIsRoom) {
  const std::vector<Bar> drawn = bars(ramp(3), &LoadRecord::milliseconds, two_regions, 120);
  ASSERT_EQ(drawn.size(), 3U);
  EXPECT_EQ(drawn[1].median, 2);
  EXPECT_THAT(drawn[1].by_colour, ElementsAre(0, 1, 0, 0, 0, 0));
}

TEST(Bars, StandForNeighboursWhenThereAreMany) {
  const std::vector<Bar> drawn = bars(ramp(10'000), &LoadRecord::milliseconds, two_regions, 120);
  ASSERT_EQ(drawn.size(), 120U);
  EXPECT_EQ(drawn[0].first, 1U);
  EXPECT_EQ(drawn[0].last, 84U);
  EXPECT_EQ(drawn[0].minimum, 1);
  EXPECT_EQ(drawn[0].median, 42);
  EXPECT_EQ(drawn[0].maximum, 84);
  EXPECT_EQ(drawn[0].failed, 8U);
  EXPECT_EQ(drawn[119].last, 10'000U);
  std::size_t all = 0;
  for (const Bar& bar : drawn) all += bar.requests;
  EXPECT_EQ(all, 10'000U);
}

TEST(Bars, StandForAsManyRequestsEach) {
  const std::vector<Bar> drawn = bars(ramp(161), &LoadRecord::milliseconds, two_regions, 120);
  ASSERT_EQ(drawn.size(), 81U);
  EXPECT_EQ(drawn[0].requests, 2U);
  EXPECT_EQ(drawn[79].requests, 2U);
  EXPECT_EQ(drawn[80].requests, 1U);
}

TEST(Colours, AreSharedByTheRegionsThatComeLast) {
  const std::vector<std::string> many = {"a", "b", "c", "d", "e", "f", "g"};
  EXPECT_EQ(colour_of("a", many), 0U);
  EXPECT_EQ(colour_of("f", many), 5U);
  EXPECT_EQ(colour_of("g", many), 5U);
  EXPECT_EQ(colour_of("unknown", two_regions), 2U);
}

TEST(Scale, HasRoundLinesUpToTheHighest) {
  std::vector<LoadRecord> records = ramp(87);
  EXPECT_THAT(scale(records, &LoadRecord::milliseconds).lines, ElementsAre(0, 20, 40, 60, 80, 100));
  records = ramp(4);
  EXPECT_EQ(scale(records, &LoadRecord::milliseconds).top, 4);
  EXPECT_EQ(scale({}, &LoadRecord::milliseconds).lines.front(), 0);
}

TEST(Scale, OneOutlierDoesNotMakeTheRestFlat) {
  std::vector<LoadRecord> records = ramp(200);
  records[77].milliseconds = 60'000;
  const Scale scaled = scale(records, &LoadRecord::milliseconds);
  EXPECT_EQ(scaled.top, 250);
  EXPECT_EQ(scaled.beyond, 1U);
}

TEST(LoadPage, HasEverythingThatIsAskedOfARun) {
  const std::string page = load_page(three_requests());
  for (const char* part : {"<title>Load test: https://gateway.example</title>", "100.0 %", "0.200 s", "East US",
                           "eastus-ptu", "Response time by request", "First byte", "P99", "priority",
                           "class=\"average\"", "role=\"img\"", "The same as a table", "prefers-color-scheme: dark"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_EQ(count_of(page, "<rect class=\"r0\""), 2U);
  EXPECT_EQ(count_of(page, "<rect class=\"r1\""), 1U);
}

TEST(LoadPage, ARegionKeepsItsColourWhenSomeRequestsNameNone) {
  const std::string page = load_page(
      result_of({failed_with(1, 503, "", ""), failed_with(2, 503, "", ""), sent_to(3, "eastus-ptu", "East US", 1)}));
  EXPECT_EQ(count_of(page, "<rect class=\"r0\""), 1U);
}

TEST(LoadPage, NeedsNothingFromElsewhere) {
  const std::string page = load_page(three_requests());
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\""));
  for (const char* part : {"<script", "src=", "href=", "url(", "@import"}) EXPECT_THAT(page, Not(HasSubstr(part)));
}

TEST(LoadPage, AHostileServerCannotAddToIt) {
  const std::string evil = "\"><script>alert(1)</script>\x1b'";
  LoadResult result = result_of({sent_to(1, evil, evil, 10), failed_with(2, 500, evil, evil)});
  result.parameters.label = evil;
  result.parameters.model = evil;
  const std::string page = load_page(result);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, HasSubstr("&quot;&gt;&lt;script&gt;"));
}

TEST(LoadPage, StaysSmallAndReadableWithManyRequests) {
  std::vector<Sent> all;
  for (std::uint64_t i = 1; i <= 10'000; ++i)
    all.push_back(sent_to(i, "east", "East US", static_cast<double>(i % 100)));
  const std::string page = load_page(result_of(all));
  EXPECT_LT(page.size(), 120'000U);
  EXPECT_THAT(page, HasSubstr("Each bar stands for 84 requests"));
}

TEST(LoadPage, AStreamHasAPictureOfItsFirstBytes) {
  LoadResult result = three_requests();
  EXPECT_THAT(load_page(result), Not(HasSubstr("Time to first byte by request")));
  result.parameters.stream = true;
  EXPECT_THAT(load_page(result), HasSubstr("Time to first byte by request"));
}

TEST(LoadPage, ARunOfNothingOrOfFailuresIsAPageToo) {
  EXPECT_THAT(load_page(result_of({})), HasSubstr("</html>"));
  const std::string failed = load_page(result_of({failed_with(1, 503, "overloaded", "Too many.")}));
  EXPECT_THAT(failed, HasSubstr("overloaded: Too many."));
  EXPECT_THAT(failed, Not(HasSubstr("class=\"average\" x1")));
}

}  // namespace
}  // namespace spillway::lab
