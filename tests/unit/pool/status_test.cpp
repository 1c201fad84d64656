#include "fixture.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;

TEST(Status, SaysWhatTheConfigurationSays) {
  Blueprint blueprint;
  blueprint.pool("openai", {{"a", 1, 3}, {"b", 2, 0}}).of("a").region = "East US";
  blueprint.of("a").kind = config::BackendKind::ptu;
  const PoolStatus status = fleet(blueprint)->pool(0)->status(at(0s));
  EXPECT_EQ(status.name, "openai");
  EXPECT_EQ(status.strategy, config::Strategy::round_robin);
  ASSERT_EQ(status.members.size(), 2U);
  EXPECT_EQ(status.members[0].backend, "a");
  EXPECT_EQ(status.members[0].region, "East US");
  EXPECT_EQ(status.members[0].kind, config::BackendKind::ptu);
  EXPECT_EQ(status.members[0].priority, 1);
  EXPECT_EQ(status.members[0].weight, 3);
  EXPECT_EQ(status.members[1].priority, 2);
  EXPECT_EQ(status.members[1].weight, 0);
  EXPECT_TRUE(status.members[0].circuits.empty()) << "a circuit is listed once used";
  EXPECT_FALSE(status.members[0].ttfb_ms);
}

TEST(Status, CountsWhatBecameOfTheAttempts) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}).pool("q", {{"a"}}));
  Pool& pool = *live->pool(0);
  for (const int status : {200, 404, 408, 500, 599})
    call(pool, std::to_string(status), at(0s), Verdict::answered(status));
  {
    const Picked dropped = picked(pool, "", at(0s));
  }
  call(pool, "", at(0s), Verdict::failed(ErrorKind::connect));
  call(pool, "", at(0s), throttled());
  const Picked held = picked(*live->pool(1), "x", at(20min));
  const MemberStatus member = pool.status(at(20min)).members[0];
  EXPECT_EQ(member.requests, 8U);
  EXPECT_EQ(member.failures, 4U);
  EXPECT_EQ(member.throttled, 1U);
  EXPECT_EQ(member.in_flight, 0U);
  EXPECT_EQ(live->pool(1)->status(at(20min)).members[0].requests, 0U);
  EXPECT_EQ(live->pool(1)->status(at(20min)).members[0].in_flight, 1U);
  EXPECT_EQ(live->backends(at(20min))[0].in_flight, 1U);
}

TEST(Status, AveragesTheTimeToTheFirstByteOfSuccesses) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  const auto answer = [&](int status, Duration first_byte) {
    Verdict verdict = Verdict::answered(status);
    verdict.first_byte = first_byte;
    call(*live->pool(0), "m", at(0s), verdict);
  };
  answer(200, 100ms);
  EXPECT_DOUBLE_EQ(live->pool(0)->status(at(0s)).members[0].ttfb_ms.value_or(0), 100.0);
  answer(200, 180ms);
  EXPECT_DOUBLE_EQ(live->pool(0)->status(at(0s)).members[0].ttfb_ms.value_or(0), 110.0);
  answer(404, 1ms);
  call(*live->pool(0), "m", at(0s));
  EXPECT_DOUBLE_EQ(live->pool(0)->status(at(0s)).members[0].ttfb_ms.value_or(0), 110.0);
}

TEST(Status, ListsCircuitsWithTheirTimes) {
  const auto live =
      fleet(Blueprint().backend("a", std::map<std::string, std::string>{{"x", "x"}, {"y", "y"}}).pool("p", {{"a"}}));
  Pool& pool = *live->pool(0);
  call(pool, "y", at(0s));
  call(pool, "x", at(0s), throttled(843ms));
  std::vector<CircuitStatus> circuits = pool.status(at(0s) + 100us).members[0].circuits;
  ASSERT_EQ(circuits.size(), 2U);
  EXPECT_EQ(circuits[0].deployment, "x");
  EXPECT_EQ(circuits[0].state, CircuitState::open);
  EXPECT_EQ(circuits[0].rule, "throttled");
  EXPECT_EQ(circuits[0].reopens_in, 843ms);
  EXPECT_EQ(circuits[1].deployment, "y");
  EXPECT_EQ(circuits[1].state, CircuitState::closed);
  EXPECT_EQ(circuits[1].rule, "");
  EXPECT_FALSE(circuits[1].reopens_in);

  circuits = pool.status(at(843ms)).members[0].circuits;
  EXPECT_EQ(circuits[0].state, CircuitState::closed);
  EXPECT_EQ(circuits[0].rule, "");
  EXPECT_FALSE(circuits[0].reopens_in);
}

TEST(Status, NotesTimeDrivenChangesOnce) {
  Observed seen;
  const auto live = fleet(Blueprint().pool("p", {{"a"}}), nullptr, seen.observer());
  for (int i = 0; i < 3; ++i) call(*live->pool(0), "", at(0s), Verdict::answered(502));
  EXPECT_EQ(live->backends(at(1min))[0].circuits[0].state, CircuitState::half_open);
  EXPECT_EQ(live->pool(0)->status(at(2min)).members[0].circuits[0].rule, "failing");
  EXPECT_THAT(seen.changes, ElementsAre("a/- closed>open failing", "a/- open>half_open failing"));
}

TEST(Status, TellsTheObserverHowLongAndWhatWasCut) {
  Observed seen;
  const auto live = fleet(Blueprint().pool("p", {{"a"}}), nullptr, seen.observer());
  call(*live->pool(0), "", at(0s), throttled(1h));
  ASSERT_EQ(seen.transitions.size(), 1U);
  EXPECT_EQ(seen.transitions[0].open_for, 2min);
  EXPECT_EQ(seen.transitions[0].retry_after, Milliseconds(1h));
}

TEST(Status, MayBeAskedForByTheObserver) {
  Fleet* live = nullptr;
  std::uint64_t seen = 0;
  const auto made = fleet(Blueprint().pool("p", {{"a"}}), nullptr,
                          [&](auto, auto, const auto&) { seen = live->pool(0)->status(at(0s)).members[0].throttled; });
  live = made.get();
  call(*live->pool(0), "m", at(0s), throttled());
  EXPECT_EQ(seen, 1U);
}

TEST(Readiness, NeedsAMemberThatIsNotDrained) {
  EXPECT_TRUE(fleet(Blueprint().pool("p", {{"a", 1, 0}, {"b"}}))->pool(0)->ready(at(0s)));
  EXPECT_FALSE(fleet(Blueprint().pool("p", {{"a", 1, 0}, {"b", 2, 0}}))->pool(0)->ready(at(0s)));
}

TEST(Readiness, NeedsACircuitThatIsNotOpen) {
  const auto live =
      fleet(Blueprint().backend("a", std::map<std::string, std::string>{{"x", "x"}, {"y", "y"}}).pool("p", {{"a"}}));
  Pool& pool = *live->pool(0);
  call(pool, "x", at(0s), throttled());
  EXPECT_FALSE(pool.ready(at(1s))) << "the only circuit it has used is open";
  call(pool, "y", at(1s));
  EXPECT_TRUE(pool.ready(at(1s)));
  call(pool, "y", at(2s), throttled());
  EXPECT_FALSE(pool.ready(at(3s)));
  EXPECT_TRUE(pool.ready(at(10s)));
}

TEST(Readiness, IsGivenByAHalfOpenCircuit) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  for (int i = 0; i < 3; ++i) call(*live->pool(0), "", at(0s), Verdict::answered(502));
  EXPECT_FALSE(live->pool(0)->ready(at(59s)));
  EXPECT_TRUE(live->pool(0)->ready(at(1min)));
}

}  // namespace
}  // namespace spillway::pool
