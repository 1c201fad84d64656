#include <gtest/gtest.h>

#include "spillway/listener/limits.hpp"

namespace spillway::listener {
namespace {

using Admission = ConnectionLimit::Admission;

TEST(ConnectionLimits, AdmitUpToTheLimitThenRefuseWithAWordThenNotAtAll) {
  ConnectionLimit limit(20);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(limit.enter(), Admission::admitted);
  for (int i = 0; i < 18; ++i) ASSERT_EQ(limit.enter(), Admission::overloaded) << "a tenth and 16 more";
  for (int i = 0; i < 5; ++i) ASSERT_EQ(limit.enter(), Admission::full);
}

TEST(ConnectionLimits, AreFreedByThoseWhoLeave) {
  ConnectionLimit limit(1);
  EXPECT_EQ(limit.enter(), Admission::admitted);
  EXPECT_EQ(limit.enter(), Admission::overloaded);
  limit.leave();
  limit.leave();
  EXPECT_EQ(limit.enter(), Admission::admitted);
}

TEST(ConnectionLimits, DoNotCountThoseWhoFoundNoRoomAtAll) {
  ConnectionLimit limit(0);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(limit.enter(), Admission::overloaded);
  EXPECT_EQ(limit.enter(), Admission::full);
  limit.leave();
  EXPECT_EQ(limit.enter(), Admission::overloaded);
}

TEST(ConnectionLimits, CanBeChangedWhileConnectionsAreOpen) {
  ConnectionLimit limit(1);
  EXPECT_EQ(limit.enter(), Admission::admitted);
  limit.set_max(2);
  EXPECT_EQ(limit.enter(), Admission::admitted);
  limit.set_max(1);
  EXPECT_EQ(limit.enter(), Admission::overloaded);
}

TEST(ConnectionLimits, ShowHowManyAreOpen) {
  observe::Gauge gauge;
  ConnectionLimit limit(1, &gauge);
  limit.enter();
  limit.enter();
  EXPECT_EQ(gauge.value(), 2);
  limit.leave();
  EXPECT_EQ(gauge.value(), 1);
}

TEST(ConnectionLimits, OfAListenerCountTowardsTheWhole) {
  observe::Gauge gauge;
  ConnectionLimit whole(3, &gauge);
  ConnectionLimit one(2, nullptr, &whole);
  ConnectionLimit other(100, nullptr, &whole);
  EXPECT_EQ(one.enter(), Admission::admitted);
  EXPECT_EQ(one.enter(), Admission::admitted);
  EXPECT_EQ(one.enter(), Admission::overloaded) << "its own limit";
  EXPECT_EQ(gauge.value(), 3);
  EXPECT_EQ(other.enter(), Admission::overloaded) << "the whole's";
  one.leave();
  one.leave();
  EXPECT_EQ(other.enter(), Admission::admitted);
  EXPECT_EQ(gauge.value(), 3);
}

TEST(ConnectionLimits, OfAListenerAreNotUsedUpByThoseWhoFindTheWholeFull) {
  ConnectionLimit whole(0);
  ConnectionLimit part(1, nullptr, &whole);
  ConnectionLimit other(100, nullptr, &whole);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(other.enter(), Admission::overloaded);
  EXPECT_EQ(part.enter(), Admission::full);
  whole.set_max(100);
  EXPECT_EQ(part.enter(), Admission::admitted);
}

TEST(BodyMemories, AreTakenInStepsAndGivenBackWhole) {
  observe::Gauge gauge;
  BodyMemory memory(256 << 10, &gauge);
  {
    BodyShare share(&memory);
    EXPECT_TRUE(share.cover(1));
    EXPECT_EQ(gauge.value(), 64 << 10);
    EXPECT_TRUE(share.cover(64 << 10));
    EXPECT_EQ(gauge.value(), 64 << 10);
    EXPECT_TRUE(share.cover((64 << 10) + 1));
    EXPECT_EQ(gauge.value(), 128 << 10);
    share.release();
    EXPECT_EQ(gauge.value(), 0);
    EXPECT_TRUE(share.cover(256 << 10));
  }
  EXPECT_EQ(gauge.value(), 0);
}

TEST(BodyMemories, HaveAnEndForAllTogether) {
  BodyMemory memory(128 << 10);
  BodyShare one(&memory);
  BodyShare other(&memory);
  EXPECT_TRUE(one.cover(1));
  EXPECT_FALSE(other.cover(100'000));
  EXPECT_TRUE(other.cover(10)) << "what was refused was not taken";
  EXPECT_FALSE(one.cover(70'000));
  other.release();
  EXPECT_TRUE(one.cover(70'000));
}

TEST(BodyMemories, AreWithoutEndWhereThereIsNone) {
  BodyShare share(nullptr);
  EXPECT_TRUE(share.cover(~std::uint64_t{0}));
}

}  // namespace
}  // namespace spillway::listener
