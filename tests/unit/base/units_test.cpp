#include "spillway/base/units.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsReadInTheShortNotation) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("007s"), 7s);
}

TEST(Duration, IsReadAsBicepWritesIt) {
  EXPECT_EQ(parse_duration("PT10S"), 10s);
  EXPECT_EQ(parse_duration("PT1M"), 1min);
  EXPECT_EQ(parse_duration("PT1M30S"), 90s);
  EXPECT_EQ(parse_duration("PT2H"), 2h);
  EXPECT_EQ(parse_duration("PT1H1M1S"), 3661s);
  EXPECT_EQ(parse_duration("P1D"), 24h);
  EXPECT_EQ(parse_duration("P1DT1S"), 24h + 1s);
  EXPECT_EQ(parse_duration("PT0.5S"), 500ms);
  EXPECT_EQ(parse_duration("PT1.25S"), 1250ms);
  EXPECT_EQ(parse_duration("PT0.007S"), 7ms);
  EXPECT_EQ(parse_duration("PT0S"), 0ms);
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* wrong :
       {"",    "10",   "s",     "-1s",   "+1s",    "1.5s",  " 1s",   "1s ",       "1 s",  "1S",   "1sec",   "1m30s",
        "1d",  "1us",  "P",     "PT",    "P1",     "PT1",   "P1DT",  "P1Y",       "P1M",  "P1W",  "PT1S1M", "PT1M1M",
        "P1S", "PT1D", "PTT1S", "PT-1S", "PT1.5M", "PT1.S", "PT.5S", "PT0.0001S", "pt1s", "PT1s", "PT1S ",  "0x1s"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

TEST(Duration, EndsAtTenYears) {
  EXPECT_EQ(parse_duration("87840h"), 87840h);
  EXPECT_EQ(parse_duration("87841h"), std::nullopt);
  EXPECT_EQ(parse_duration("316224000001ms"), std::nullopt);
  EXPECT_EQ(parse_duration("P3660D"), 24h * 3660);
  EXPECT_EQ(parse_duration("P3660DT0.001S"), std::nullopt);
  EXPECT_EQ(parse_duration("99999999999999999999s"), std::nullopt);
  EXPECT_EQ(parse_duration("9223372036854775807h"), std::nullopt);
  EXPECT_EQ(parse_duration("PT9223372036854775807S"), std::nullopt);
}

TEST(Duration, IsWrittenInTheLargestExactUnit) {
  EXPECT_EQ(format_duration(0ms), "0s");
  EXPECT_EQ(format_duration(1ms), "1ms");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(10s), "10s");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(5min), "5m");
  EXPECT_EQ(format_duration(24h), "24h");
}

TEST(Duration, WhatIsWrittenIsReadBack) {
  for (const Milliseconds duration : {0ms, 1ms, 999ms, 1000ms, 59'999ms, 60'000ms, 3'600'000ms, 86'400'001ms}) {
    EXPECT_EQ(parse_duration(format_duration(duration)), duration);
  }
}

TEST(Size, IsReadInPowersOf1024And1000) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("512"), 512U);
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("8MiB"), 8U << 20);
  EXPECT_EQ(parse_size("1GiB"), 1U << 30);
  EXPECT_EQ(parse_size("64KB"), 64000U);
  EXPECT_EQ(parse_size("8MB"), 8'000'000U);
  EXPECT_EQ(parse_size("1GB"), 1'000'000'000U);
}

TEST(Size, RefusesEverythingElse) {
  for (const char* wrong : {"", "KiB", "-1", "+1", "1.5MiB", " 1", "1 KiB", "1K", "1M", "1kib", "1TiB", "1KiBs"}) {
    EXPECT_EQ(parse_size(wrong), std::nullopt) << wrong;
  }
}

TEST(Size, StopsBeforeItOverflows) {
  EXPECT_EQ(parse_size("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_size("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_size("18014398509481983KiB"), UINT64_MAX - 1023);
  EXPECT_EQ(parse_size("18014398509481984KiB"), std::nullopt);
}

TEST(Size, IsWrittenInTheLargestExactUnit) {
  EXPECT_EQ(format_size(0), "0");
  EXPECT_EQ(format_size(1000), "1000");
  EXPECT_EQ(format_size(32 << 10), "32KiB");
  EXPECT_EQ(format_size(8 << 20), "8MiB");
  EXPECT_EQ(format_size(std::uint64_t{3} << 30), "3GiB");
  EXPECT_EQ(format_size((8 << 20) + 1), "8388609");
}

}  // namespace
}  // namespace spillway
