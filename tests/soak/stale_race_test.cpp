#include "stale_race.hpp"

#include <gtest/gtest.h>

namespace spillway::test {
namespace {

TEST(StaleRaceSoak, U14TenThousandRequestsAtTheMomentOfClosingLoseNothing) {
  constexpr std::size_t calls = 10'000;
  const StaleRace race = run_stale_race(calls);
  EXPECT_EQ(race.lost, 0U);
  EXPECT_EQ(race.answered, calls);
  EXPECT_GT(race.connections, calls / 20) << "some came too late";
  EXPECT_LT(race.connections, calls) << "and some in time";
}

}  // namespace
}  // namespace spillway::test
