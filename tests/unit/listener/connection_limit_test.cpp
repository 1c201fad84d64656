#include <gtest/gtest.h>

#include "spillway/listener/listener.hpp"

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

}  // namespace
}  // namespace spillway::listener
