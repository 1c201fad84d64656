#include "fixture.hpp"

namespace spillway::pool {
namespace {

TEST(Exhaustion, TellsTheEarliestTimeAMemberAdmits) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  Pool& pool = *live->pool(0);
  EXPECT_EQ(call(pool, "m", at(0s), throttled(9s)), 0U);
  EXPECT_EQ(call(pool, "m", at(0s), throttled(4s)), 1U);
  const Exhausted none = exhausted(pool, "m", at(1s));
  EXPECT_EQ(none.earliest, at(4s));
  EXPECT_TRUE(none.all_throttled);
  EXPECT_FALSE(none.full);
}

TEST(Exhaustion, CountsTriedMembersForTheEarliestTime) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  Pool& pool = *live->pool(0);
  call(pool, "m", at(0s), throttled(3s));
  EXPECT_EQ(call(pool, "m", at(0s), throttled(8s), tried({0}, {0})), 1U);
  EXPECT_EQ(exhausted(pool, "m", at(0s), tried({0, 1}, {0, 1})).earliest, at(3s));
}

TEST(Exhaustion, IsOverAtOnceWhenATriedMembersCircuitIsClosed) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  const Exhausted none = exhausted(*live->pool(0), "m", at(7s), tried({0}));
  EXPECT_EQ(none.earliest, at(7s));
  EXPECT_FALSE(none.all_throttled);
  EXPECT_FALSE(none.full) << "a tried member is not in want of connections";
}

TEST(Exhaustion, IsThrottlingWhenEveryMemberAnswered429NowOrWasOpenThroughOne) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1}, {"b", 2}}));
  Pool& pool = *live->pool(0);
  call(pool, "m", at(0s), throttled(30s));
  EXPECT_TRUE(exhausted(pool, "m", at(1s), tried({1}, {1})).all_throttled);
  EXPECT_FALSE(exhausted(pool, "m", at(1s), tried({1})).all_throttled);
}

TEST(Exhaustion, IsNotThrottlingWhenOneMemberIsOpenThroughFailures) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1}, {"b", 2}}));
  Pool& pool = *live->pool(0);
  for (int i = 0; i < 3; ++i) call(pool, "m", at(0s), Verdict::answered(500));
  call(pool, "m", at(0s), throttled(30s));
  EXPECT_FALSE(exhausted(pool, "m", at(1s)).all_throttled);
}

TEST(Exhaustion, IsThrottlingWhenA429TrippedARuleOfTheUsersOwn) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).of("a").circuit_breaker.rules = {rule("all", 1, 10s, 5s, 400, 599)};
  const auto live = fleet(blueprint);
  call(*live->pool(0), "m", at(0s), throttled());
  EXPECT_TRUE(exhausted(*live->pool(0), "m", at(1s)).all_throttled);
}

TEST(Exhaustion, LeavesOutMembersThatDoNotServeTheModelOrAreDrained) {
  const auto live = fleet(Blueprint()
                              .backend("b", std::map<std::string, std::string>{{"y", "y"}})
                              .pool("p", {{"a", 1}, {"b", 1}, {"c", 1, 0}}));
  Pool& pool = *live->pool(0);
  call(pool, "x", at(0s), throttled(30s));
  const Exhausted none = exhausted(pool, "x", at(1s));
  EXPECT_TRUE(none.all_throttled);
  EXPECT_EQ(none.earliest, at(30s));
}

TEST(Exhaustion, OfADrainedPoolIsAnEstimate) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1, 0}}));
  const Exhausted none = exhausted(*live->pool(0), "m", at(0s));
  EXPECT_EQ(none.earliest, at(1s));
  EXPECT_FALSE(none.all_throttled);
  EXPECT_FALSE(none.full);
}

TEST(Exhaustion, SaysWhenOnlyConnectionsAreMissing) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).of("a").max_connections = 1;
  const auto live = fleet(blueprint);
  Pool& pool = *live->pool(0);
  const Picked held = picked(pool, "m", at(0s));
  const Exhausted none = exhausted(pool, "m", at(2s));
  EXPECT_TRUE(none.full);
  EXPECT_FALSE(none.all_throttled);
  EXPECT_EQ(none.earliest, at(2s));
}

TEST(Exhaustion, IsNotForWantOfConnectionsWhenTheFullBackendIsOpen) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).of("a").max_connections = 2;
  const auto live = fleet(blueprint);
  Pool& pool = *live->pool(0);
  const Picked held = picked(pool, "m", at(0s));
  call(pool, "m", at(0s), throttled(5s));
  const Picked other = picked(pool, "", at(0s));
  EXPECT_FALSE(exhausted(pool, "m", at(1s)).full);
}

TEST(Exhaustion, EstimatesASecondWhileAProbeIsInFlight) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  Pool& pool = *live->pool(0);
  for (int i = 0; i < 3; ++i) call(pool, "m", at(0s), Verdict::failed(ErrorKind::connect));
  EXPECT_EQ(exhausted(pool, "m", at(59'999ms)).earliest, at(60s));
  const Picked probe = picked(pool, "m", at(60s));
  EXPECT_EQ(probe.circuit, CircuitState::half_open);
  EXPECT_EQ(exhausted(pool, "m", at(61s)).earliest, at(62s));
}

}  // namespace
}  // namespace spillway::pool
