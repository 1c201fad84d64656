#include "identity/refresh.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;

const TimePoint start{};
const Timing timing;

Grant lasting(Milliseconds life, std::optional<Milliseconds> refresh = std::nullopt) {
  Grant grant;
  grant.expires_in = life;
  grant.refresh_in = refresh;
  return grant;
}

TEST(Plans, RefreshAtHalfTheLife) {
  const Plan plan = plan_for(lasting(1h), start, timing);
  EXPECT_EQ(plan.refresh_at, start + 30min);
  EXPECT_EQ(plan.usable_until, start + 1h - 30s);
}

TEST(Plans, RefreshWhenTheIssuerSays) {
  EXPECT_EQ(plan_for(lasting(24h, 6h), start, timing).refresh_at, start + 6h);
  EXPECT_EQ(plan_for(lasting(24h, 18h), start, timing).refresh_at, start + 18h);
}

TEST(Plans, RefreshBeforeTheTokenIsOfNoUse) {
  EXPECT_EQ(plan_for(lasting(1h, 1h - 1s), start, timing).refresh_at, start + 1h - 30s);
}

TEST(Plans, UseShortTokensForNineTenthsOfTheirLife) {
  EXPECT_EQ(plan_for(lasting(10s), start, timing).usable_until, start + 9s);
}

TEST(Plans, NeverHammer) {
  EXPECT_EQ(plan_for(lasting(1ms), start, timing).refresh_at, start + 1s);
  EXPECT_EQ(plan_for(lasting(1h, 1ms), start, timing).refresh_at, start + 1s);
}

TEST(Plans, OutlastAnOutageAroundTheRefresh) {
  // The refresh is due at half an hour, the issuer is gone from just before it for 30 s: the old token is good all the
  // while, and a new one is fetched within the longest wait after.
  const Plan plan = plan_for(lasting(1h), start, timing);
  const TimePoint back = plan.refresh_at + 30s;
  TimePoint next = plan.refresh_at;
  for (int failures = 1; next < back; ++failures) next += back_off(failures, std::nullopt, 0, timing);
  EXPECT_LE(next - back, timing.longest_wait);
  EXPECT_LT(next, plan.usable_until);
}

TEST(BackOff, DoublesUpToItsBound) {
  EXPECT_EQ(back_off(1, std::nullopt, 0, timing), 1s);
  EXPECT_EQ(back_off(2, std::nullopt, 0, timing), 2s);
  EXPECT_EQ(back_off(3, std::nullopt, 0, timing), 4s);
  EXPECT_EQ(back_off(6, std::nullopt, 0, timing), 32s);
  EXPECT_EQ(back_off(7, std::nullopt, 0, timing), 60s);
  EXPECT_EQ(back_off(1'000'000, std::nullopt, 0, timing), 60s);
}

TEST(BackOff, Varies) {
  EXPECT_EQ(back_off(1, std::nullopt, 0.2, timing), 1200ms);
  EXPECT_EQ(back_off(1, std::nullopt, -0.2, timing), 800ms);
  EXPECT_EQ(back_off(20, std::nullopt, 0.2, timing), 60s);
}

TEST(BackOff, HeedsTheIssuerWithinBounds) {
  EXPECT_EQ(back_off(1, 5s, 0, timing), 5s);
  EXPECT_EQ(back_off(4, 5s, 0, timing), 8s);
  EXPECT_EQ(back_off(1, 24h, 0, timing), 60s);
}

}  // namespace
}  // namespace spillway::identity
