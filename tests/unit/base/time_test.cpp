#include "spillway/base/time.hpp"

#include <gtest/gtest.h>

#include "spillway/base/unique_function.hpp"

namespace spillway {
namespace {

using namespace std::chrono_literals;

TEST(Time, IsWrittenInUtcWithMillisecondsCut) {
  EXPECT_EQ(format_time(WallTime(0s)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time(WallTime(1'769'860'800s + 999'999us)), "2026-01-31T12:00:00.999Z");
  EXPECT_EQ(format_time(WallTime(1'709'164'800s)), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(format_time(WallTime(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(Time, ALimitOfZeroIsNoDeadline) {
  const TimePoint start(5s);
  EXPECT_EQ(deadline_after(start, 0ms), no_deadline);
  EXPECT_EQ(deadline_after(start, 1ms), start + 1ms);
}

TEST(Time, TheEarlierOfTwoWins) {
  EXPECT_EQ(earliest(TimePoint(1s), TimePoint(2s)), TimePoint(1s));
  EXPECT_EQ(earliest(TimePoint(2s), TimePoint(1s)), TimePoint(1s));
  EXPECT_EQ(earliest(no_deadline, TimePoint(1s)), TimePoint(1s));
}

TEST(UniqueFunction, HoldsWhatCannotBeCopied) {
  UniqueFunction<int(int)> add = [two = std::make_unique<int>(2)](int n) { return n + *two; };
  UniqueFunction<int(int)> moved = std::move(add);
  EXPECT_TRUE(static_cast<bool>(moved));
  EXPECT_EQ(moved(3), 5);
  EXPECT_FALSE(static_cast<bool>(UniqueFunction<void()>()));
}

}  // namespace
}  // namespace spillway
