#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "full_scrape.hpp"
#include "observe/decimal.hpp"

namespace spillway::observe {
namespace {

std::string decimal(std::int64_t units, std::size_t decimals) {
  std::string out;
  append_decimal(out, units, decimals);
  return out;
}

TEST(Decimal, IsExactAndHasNoTrailingZeros) {
  EXPECT_EQ(decimal(0, 3), "0");
  EXPECT_EQ(decimal(-5, 3), "0");
  EXPECT_EQ(decimal(1, 3), "0.001");
  EXPECT_EQ(decimal(1500, 3), "1.5");
  EXPECT_EQ(decimal(1000, 3), "1");
  EXPECT_EQ(decimal(1'000'000'001, 9), "1.000000001");
  EXPECT_EQ(decimal(42, 0), "42");
  EXPECT_EQ(decimal(INT64_MAX, 9), "9223372036.854775807");
}

// promtool is the reader of the real consumer: it parses the exposition and lints the names.
TEST(Exposition, PromtoolFindsNothingWrong) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  std::FILE* promtool = popen("promtool check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = full_scrape();
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(pclose(promtool), 0) << text;
}

}  // namespace
}  // namespace spillway::observe
