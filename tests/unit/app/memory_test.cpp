#include "app/memory.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace spillway::app {
namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

TEST(Memory, OfACgroupIsANumberOrWithoutLimit) {
  EXPECT_EQ(parse_memory_max("1073741824"), 1U << 30);
  EXPECT_EQ(parse_memory_max("max"), no_limit);
  EXPECT_EQ(parse_memory_max(""), no_limit);
  EXPECT_EQ(parse_memory_max("-1"), no_limit);
}

TEST(Memory, OfTheProcessIsSomethingSensible) {
  EXPECT_GT(usable_memory(), 64U << 20);
  EXPECT_LT(usable_memory(), std::uint64_t{1} << 50);
}

TEST(Memory, OfBodiesIsHalfUnlessTheConfigurationSays) {
  config::Limits limits;
  EXPECT_EQ(body_memory(limits, 1000), 500U);
  limits.body_memory = 123;
  EXPECT_EQ(body_memory(limits, 1000), 123U);
}

}  // namespace
}  // namespace spillway::app
