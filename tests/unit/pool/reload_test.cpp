#include "fixture.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;

// Opens the circuit of `a` for ten seconds, reloads with `change` made to it, and tells whether it is still open.
template <class Change>
bool still_open_after(Change change) {
  Blueprint blueprint;
  blueprint.backend("a", std::map<std::string, std::string>{{"m", "m"}}).pool("p", {{"a"}});
  const auto before = fleet(blueprint);
  call(*before->pool(0), "m", at(0s), throttled());
  change(blueprint.of("a"));
  const auto after = fleet(blueprint, before.get());
  return !picks(*after->pool(0), "m", at(1s));
}

TEST(Reload, KeepsTheCircuitsOfUnchangedBackends) {
  EXPECT_TRUE(still_open_after([](config::Backend&) {}));
  EXPECT_TRUE(still_open_after([](config::Backend& backend) { backend.region = "elsewhere"; }));
  EXPECT_TRUE(still_open_after([](config::Backend& backend) { backend.max_connections = 7; }));
  EXPECT_TRUE(still_open_after([](config::Backend& backend) { backend.api_version = "2024-10-21"; }));
}

TEST(Reload, KeepsTheCircuitsWhenOnlyTheKeyIsNew) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).of("a").auth = {config::AuthKind::api_key, config::Secret("old")};
  const auto before = fleet(blueprint);
  call(*before->pool(0), "m", at(0s), throttled());
  blueprint.of("a").auth.api_key = config::Secret("new");
  const auto after = fleet(blueprint, before.get());
  EXPECT_FALSE(picks(*after->pool(0), "m", at(1s)));
}

TEST(Reload, GivesAChangedBackendNewCircuits) {
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.url.host = "new.test"; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.url.port = 444; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.url.tls = false; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.url.path_prefix = "/x"; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.deployments.reset(); }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.deployments->emplace("n", "n"); }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.auth.kind = config::AuthKind::passthrough; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.tls.verify = false; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.tls.server_name = "x"; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.circuit_breaker.max_retry_after = 1s; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.circuit_breaker.rules.pop_back(); }));
  EXPECT_FALSE(
      still_open_after([](config::Backend& backend) { backend.circuit_breaker.rules[0].trip_duration = 11s; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) { backend.circuit_breaker.rules[0].half_open = true; }));
  EXPECT_FALSE(still_open_after([](config::Backend& backend) {
    backend.circuit_breaker.rules[1].failure_condition.status_code_ranges[0].max = 409;
  }));
}

TEST(Reload, KeepsTheCountersEvenOfAChangedBackend) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).pool("q", {{"a"}});
  const auto before = fleet(blueprint);
  call(*before->pool(0), "m", at(0s), throttled());
  blueprint.of("a").url.host = "new.test";
  const auto after = fleet(blueprint, before.get());
  EXPECT_EQ(after->pool(0)->status(at(0s)).members[0].throttled, 1U);
  EXPECT_EQ(after->pool(1)->status(at(0s)).members[0].throttled, 0U);
  EXPECT_TRUE(after->pool(0)->status(at(0s)).members[0].circuits.empty());
}

TEST(Reload, FindsMembersByNameInWhateverOrder) {
  const auto before = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  call(*before->pool(0), "", at(0s));
  call(*before->pool(0), "", at(0s), throttled());
  const auto after = fleet(Blueprint().backend("new").pool("x", {{"new"}}).pool("p", {{"b"}, {"a"}}), before.get());
  const PoolStatus status = after->pool(1)->status(at(1s));
  EXPECT_EQ(status.members[0].backend, "b");
  EXPECT_EQ(status.members[0].throttled, 1U);
  EXPECT_EQ(status.members[1].throttled, 0U);
  EXPECT_THAT(spread(*after->pool(1), "", at(1s), 4), ElementsAre(0, 4));
}

TEST(Reload, KeepsTheTurnsOfAPoolWithTheSameMembers) {
  const Blueprint blueprint = Blueprint().pool("p", {{"a"}, {"b"}, {"c"}});
  const auto before = fleet(blueprint);
  EXPECT_EQ(call(*before->pool(0), "m", at(0s)), 0U);
  EXPECT_EQ(call(*before->pool(0), "", at(0s)), 0U);
  EXPECT_EQ(call(*before->pool(0), "", at(0s)), 1U);
  const auto after = fleet(blueprint, before.get());
  EXPECT_EQ(call(*after->pool(0), "m", at(0s)), 1U);
  EXPECT_EQ(call(*after->pool(0), "", at(0s)), 2U);
}

TEST(Reload, StartsTurnsAgainWhenTheMembersHaveChanged) {
  const auto before = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  EXPECT_EQ(call(*before->pool(0), "m", at(0s)), 0U);
  const auto heavier = fleet(Blueprint().pool("p", {{"a", 1, 2}, {"b", 1, 1}}), before.get());
  EXPECT_EQ(call(*heavier->pool(0), "m", at(0s)), 0U);
}

TEST(Reload, KeepsLearnedDeployments) {
  const Blueprint blueprint = Blueprint().pool("p", {{"a"}});
  const auto before = fleet(blueprint);
  call(*before->pool(0), "x", at(0s));
  const auto after = fleet(blueprint, before.get());
  call(*after->pool(0), "x", at(0s), throttled());
  EXPECT_TRUE(picks(*after->pool(0), "y", at(0s)));
}

TEST(Reload, LeavesLeasesOfTheOldFleetValidAndCounted) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).of("a").max_connections = 2;
  auto before = fleet(blueprint);
  Picked first = picked(*before->pool(0), "m", at(0s));
  Picked second = picked(*before->pool(0), "m", at(0s));
  blueprint.of("a").circuit_breaker.max_retry_after = 7s;
  const auto after = fleet(blueprint, before.get());
  before.reset();
  EXPECT_EQ(after->backends(at(0s))[0].in_flight, 2U);
  EXPECT_EQ(after->pool(0)->status(at(0s)).members[0].in_flight, 2U);
  EXPECT_FALSE(picks(*after->pool(0), "m", at(0s)));
  first.lease.settle(throttled(), at(0s));
  EXPECT_EQ(after->backends(at(0s))[0].in_flight, 1U);
  EXPECT_EQ(after->pool(0)->status(at(0s)).members[0].throttled, 1U);
  EXPECT_TRUE(picks(*after->pool(0), "m", at(0s))) << "the old circuit is not the new one's";
}

TEST(Reload, AppliesANewConnectionLimit) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).of("a").max_connections = 1;
  const auto before = fleet(blueprint);
  const Picked held = picked(*before->pool(0), "m", at(0s));
  blueprint.of("a").max_connections = 2;
  const auto after = fleet(blueprint, before.get());
  EXPECT_TRUE(picks(*after->pool(0), "m", at(0s)));
}

TEST(Reload, TellsTheNewObserverOfChangesSeenByTheNewFleet) {
  Observed old_seen;
  Observed new_seen;
  const Blueprint blueprint = Blueprint().pool("p", {{"a"}});
  const auto before = fleet(blueprint, nullptr, old_seen.observer());
  call(*before->pool(0), "m", at(0s), throttled());
  const auto after = fleet(blueprint, before.get(), new_seen.observer());
  EXPECT_TRUE(picks(*after->pool(0), "m", at(10s)));
  EXPECT_THAT(old_seen.changes, ElementsAre("a/other closed>open throttled"));
  EXPECT_THAT(new_seen.changes, ElementsAre("a/other open>closed throttled"));
}

TEST(Reload, OverAndOverKeepsGoing) {
  const Blueprint blueprint = Blueprint().pool("p", {{"a"}, {"b"}});
  auto live = fleet(blueprint);
  std::vector<int> counts(2);
  for (int i = 0; i < 101; ++i) {
    ++counts[call(*live->pool(0), "m", at(0s))];
    live = fleet(blueprint, live.get());
  }
  EXPECT_THAT(counts, ElementsAre(51, 50));
  EXPECT_EQ(live->pool(0)->status(at(0s)).members[0].requests, 51U);
}

}  // namespace
}  // namespace spillway::pool
