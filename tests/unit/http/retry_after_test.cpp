#include "spillway/http/retry_after.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace spillway::http {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::int64_t ten_years = std::int64_t{3650} * 24 * 3600 * 1000;
const WallTime now = WallTime(seconds(784111777));  // Sun, 06 Nov 1994 08:49:37 GMT

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Seen {
  std::int64_t wait = -1;  // -1 = nothing
  std::string value;

  bool operator==(const Seen&) const = default;
};

Seen read(const Fields& fields, WallTime at = now) {
  ResponseHead head;
  for (const auto& [name, value] : fields) {
    head.fields.push_back({field_id(name), name, value});
  }
  const auto result = retry_after(head, at);
  if (!result) return {};
  return {result->wait.count(), std::string(result->value)};
}

TEST(RetryAfter, S12ReadsEveryForm) {
  const std::vector<std::pair<std::string, std::int64_t>> cases = {
      {"1", 1000},
      {"60", 60'000},
      {"007", 7000},
      {"86400", 86'400'000},
      {"0.5", 500},
      {"1.2345", 1234},
      {"315360000", ten_years},
      {"315360001", ten_years},
      {"1000000000", ten_years},
      {"99999999999999999999999999", ten_years},
      {"Sun, 06 Nov 1994 08:49:38 GMT", 1000},
      {"Sun, 06 Nov 1994 09:49:37 GMT", 3'600'000},
      {"Sunday, 06-Nov-94 08:50:37 GMT", 60'000},
      {"Sun Nov  6 08:50:37 1994", 60'000},
      {"Wed Nov 16 08:49:37 1994", 864'000'000},
      {"Sun, 06 Nov 1994 08:49:60 GMT", 23'000},
      {"Fri, 31 Dec 9999 23:59:59 GMT", ten_years},
  };
  for (const auto& [value, expected] : cases)
    EXPECT_EQ(read({{"Retry-After", value}}), (Seen{expected, value})) << value;
}

TEST(RetryAfter, S12IgnoresNonsense) {
  for (const char* value : {"",
                            "0",
                            "0.0",
                            "00",
                            "-1",
                            "+1",
                            "1e9",
                            "0x10",
                            "soon",
                            "1 s",
                            "1s",
                            "1,5",
                            "1.",
                            ".5",
                            "1..5",
                            "1.5.5",
                            "NaN",
                            "inf",
                            "Sun, 06 Nov 1994 08:49:37 GMT",  // now
                            "Sun, 06 Nov 1994 08:49:36 GMT",  // past
                            "Thu, 01 Jan 1970 00:00:00 GMT",
                            "Sat, 01 Jan 0000 00:00:00 GMT",
                            "Sun, 06 Nov 1995 08:49:37 CET",
                            "Sun, 06 Nov 1995 08:49:37",
                            "06 Nov 1995 08:49:37 GMT",
                            "Sun, 6 Nov 1995 08:49:37 GMT",
                            "Sun, 31 Nov 1995 08:49:37 GMT",
                            "Sun, 00 Nov 1995 08:49:37 GMT",
                            "Sun, 06 Nov 1995 24:00:00 GMT",
                            "Sun, 06 Nov 1995 08:60:00 GMT",
                            "Sun, 06 Nov 1995 08:00:61 GMT",
                            "sun, 06 nov 1995 08:49:37 gmt",
                            "Sun, 06 Nov 1995 08:49:37 GMT ",
                            "1995-11-06T08:49:37Z"}) {
    EXPECT_EQ(read({{"Retry-After", value}}), Seen{}) << value;
  }
}

TEST(RetryAfter, S12ReadsMilliseconds) {
  EXPECT_EQ(read({{"retry-after-ms", "1200"}}), (Seen{1200, "1200"}));
  EXPECT_EQ(read({{"Retry-After-Ms", "1200.5"}}), (Seen{1200, "1200.5"}));
  EXPECT_EQ(read({{"x-ms-retry-after-ms", "1"}}), (Seen{1, "1"}));
  EXPECT_EQ(read({{"retry-after-ms", "1e18"}}), Seen{});
  EXPECT_EQ(read({{"retry-after-ms", "999999999999999999999"}}), (Seen{ten_years, "999999999999999999999"}));
}

TEST(RetryAfter, S12PrefersTheMorePreciseSource) {
  const Fields all = {{"Retry-After", "3"}, {"x-ms-retry-after-ms", "2000"}, {"retry-after-ms", "1000"}};
  EXPECT_EQ(read(all).wait, 1000);
  EXPECT_EQ(read({all[0], all[1]}).wait, 2000);
  EXPECT_EQ(read({all[0]}).wait, 3000);
  EXPECT_EQ(read({}), Seen{});
}

TEST(RetryAfter, S12FallsThroughZeroAndNonsense) {
  for (const char* nothing : {"0", "-5", "x", "", "0.9", "Sun, 06 Nov 1995 08:49:37 GMT"}) {
    EXPECT_EQ(read({{"retry-after-ms", nothing}, {"x-ms-retry-after-ms", "7"}, {"Retry-After", "3"}}).wait, 7)
        << nothing;
    EXPECT_EQ(read({{"retry-after-ms", nothing}, {"x-ms-retry-after-ms", nothing}, {"Retry-After", "3"}}).wait, 3000)
        << nothing;
  }
}

TEST(RetryAfter, CutsTheWaitUntilADateToMilliseconds) {
  const std::string date = "Sun, 06 Nov 1994 08:49:38 GMT";
  EXPECT_EQ(read({{"Retry-After", date}}, now + std::chrono::microseconds(500)).wait, 999);
  EXPECT_EQ(read({{"Retry-After", date}}, now + std::chrono::microseconds(999'500)), Seen{});
}

TEST(HttpDate, ReadsTheThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), now);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), now);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), now);
}

TEST(HttpDate, TakesTwoDigitYearsFrom1970To2069) {
  EXPECT_EQ(parse_http_date("Thursday, 01-Jan-70 00:00:00 GMT"), WallTime{});
  EXPECT_EQ(parse_http_date("Tuesday, 31-Dec-69 00:00:00 GMT"), parse_http_date("Tue, 31 Dec 2069 00:00:00 GMT"));
}

TEST(HttpDate, KnowsLeapYears) {
  EXPECT_TRUE(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT").has_value());
  EXPECT_FALSE(parse_http_date("Wed, 29 Feb 2023 00:00:00 GMT").has_value());
  EXPECT_FALSE(parse_http_date("Mon, 29 Feb 2100 00:00:00 GMT").has_value());
}

TEST(HttpDate, S12KeepsWithinWhatTheClockCanHold) {
  EXPECT_GT(*parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"), *parse_http_date("Fri, 31 Dec 2260 23:59:59 GMT"));
  EXPECT_LT(*parse_http_date("Sat, 01 Jan 0000 00:00:00 GMT"), *parse_http_date("Fri, 31 Dec 1700 23:59:59 GMT"));
}

TEST(HttpDate, IsWrittenInTheFixedForm) {
  EXPECT_EQ(format_http_date(now), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(now + std::chrono::milliseconds(999)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(WallTime{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_http_date(WallTime(hours(24 * 19782) + seconds(86399))), "Thu, 29 Feb 2024 23:59:59 GMT");
  EXPECT_EQ(parse_http_date(format_http_date(now)), now);
}

}  // namespace
}  // namespace spillway::http
