#include "fixture.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;

struct LeaseTest : ::testing::Test {
  Observed seen;
  std::unique_ptr<Fleet> live = fleet(Blueprint().pool("p", {{"a"}}), nullptr, seen.observer());
  Pool& pool = *live->pool(0);

  std::uint64_t in_flight() { return live->backends(at(0s))[0].in_flight; }
  // Half-open from `at(1min)`.
  void trip() {
    for (int i = 0; i < 3; ++i) call(pool, "m", at(0s), Verdict::answered(500));
    seen.changes.clear();
  }
};

TEST_F(LeaseTest, GivesItsPlaceBackWhenSettled) {
  Picked held = picked(pool, "m", at(0s));
  EXPECT_EQ(in_flight(), 1U);
  held.lease.settle(ok(), at(1s));
  EXPECT_EQ(in_flight(), 0U);
  EXPECT_FALSE(held.lease);
}

TEST_F(LeaseTest, GivesItsPlaceBackWhenItDies) {
  {
    const Picked held = picked(pool, "m", at(0s));
    EXPECT_EQ(in_flight(), 1U);
  }
  EXPECT_EQ(in_flight(), 0U);
  EXPECT_EQ(pool.status(at(0s)).members[0].requests, 1U);
}

TEST_F(LeaseTest, IsSettledOnce) {
  Picked held = picked(pool, "m", at(0s));
  for (int i = 0; i < 5; ++i) held.lease.settle(Verdict::answered(500), at(0s));
  EXPECT_EQ(in_flight(), 0U);
  EXPECT_TRUE(picks(pool, "m", at(0s)));
}

TEST_F(LeaseTest, MovesItsPlace) {
  Picked held = picked(pool, "m", at(0s));
  Lease other = std::move(held.lease);
  EXPECT_EQ(in_flight(), 1U);
  other = picked(pool, "m", at(0s)).lease;
  EXPECT_EQ(in_flight(), 1U);
  Lease& self = other;
  other = std::move(self);
  EXPECT_EQ(in_flight(), 1U);
  other = Lease();
  EXPECT_EQ(in_flight(), 0U);
}

TEST_F(LeaseTest, IsNothingWhenEmpty) {
  Lease lease;
  EXPECT_FALSE(lease);
  lease.settle(ok(), at(0s));
  lease.answer_begins(200, at(0s));
}

TEST_F(LeaseTest, OfAProbeIsTheOnlyOneUntilItEnds) {
  trip();
  Picked probe = picked(pool, "m", at(1min));
  EXPECT_EQ(probe.circuit, CircuitState::half_open);
  EXPECT_FALSE(picks(pool, "m", at(1min)));
  probe.lease.settle(ok(), at(61s));
  EXPECT_EQ(picked(pool, "m", at(61s)).circuit, CircuitState::closed);
  EXPECT_THAT(seen.changes, ElementsAre("a/other open>half_open failing", "a/other half_open>closed failing"));
}

TEST_F(LeaseTest, OfAProbeFreesThePlaceOnEveryPath) {
  trip();
  {
    const Picked dropped = picked(pool, "m", at(1min));
  }
  picked(pool, "m", at(1min)).lease.settle(Verdict::abandoned(), at(1min));
  Picked moved = picked(pool, "m", at(1min));
  moved.lease = Lease();
  picked(pool, "m", at(1min)).lease.settle(Verdict::failed(ErrorKind::timeout), at(1min));
  EXPECT_FALSE(picks(pool, "m", at(119'999ms)));
  EXPECT_TRUE(picks(pool, "m", at(2min)));
}

TEST_F(LeaseTest, OfAProbeClosesTheCircuitWhenItsAnswerBegins) {
  trip();
  Picked probe = picked(pool, "m", at(1min));
  probe.lease.answer_begins(200, at(61s));
  EXPECT_EQ(picked(pool, "m", at(61s)).circuit, CircuitState::closed);
  EXPECT_EQ(in_flight(), 1U);
  probe.lease.settle(Verdict::failed(ErrorKind::reset), at(90s));
  EXPECT_EQ(in_flight(), 0U);
  EXPECT_TRUE(picks(pool, "m", at(90s)));
  EXPECT_EQ(pool.status(at(90s)).members[0].failures, 4U);
}

TEST_F(LeaseTest, OutlivesItsFleet) {
  Picked held = picked(pool, "m", at(0s));
  live.reset();
  held.lease.settle(throttled(), at(0s));
  EXPECT_THAT(seen.changes, ElementsAre("a/other closed>open throttled"));
}

TEST_F(LeaseTest, ReportsABreakAfterTheHeadAsAFailure) {
  call(pool, "m", at(0s));
  for (int i = 0; i < 3; ++i) {
    Picked stream = picked(pool, "m", at(0s));
    stream.lease.answer_begins(200, at(0s));
    stream.lease.settle(Verdict::failed(ErrorKind::reset), at(1s));
  }
  EXPECT_THAT(seen.changes, ElementsAre("a/m closed>open failing"));
}

}  // namespace
}  // namespace spillway::pool
