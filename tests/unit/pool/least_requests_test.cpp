#include "simulation.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;

// How many each member gets of `calls` requests none of which ends.
std::vector<int> hold(Pool& pool, std::vector<Picked>& held, int calls) {
  std::vector<int> counts(pool.config().members.size());
  for (int call = 0; call < calls; ++call) {
    held.push_back(picked(pool, "m", at(0s)));
    ++counts[held.back().member];
  }
  return counts;
}

TEST(LeastRequests, TakesWhoHasTheFewestInFlight) {
  const auto live = fleet(with_strategy(config::Strategy::least_requests, {{"a"}, {"b"}, {"c"}}));
  Pool& pool = *live->pool(0);
  std::vector<Picked> held;
  EXPECT_THAT(hold(pool, held, 6), ElementsAre(2, 2, 2));
  for (Picked& one : held)
    if (one.member == 1) one.lease.settle(ok(), at(0s));
  EXPECT_THAT(hold(pool, held, 2), ElementsAre(0, 2, 0));
}

TEST(LeastRequests, CountsThemPerWeight) {
  const auto live = fleet(with_strategy(config::Strategy::least_requests, {{"a", 1, 3}, {"b", 1, 2}, {"c", 1, 1}}));
  std::vector<Picked> held;
  EXPECT_THAT(hold(*live->pool(0), held, 60), ElementsAre(30, 20, 10));
}

TEST(LeastRequests, SpreadsTiesByWeight) {
  const auto even = fleet(with_strategy(config::Strategy::least_requests, {{"a"}, {"b"}, {"c"}}));
  EXPECT_THAT(spread(*even->pool(0), "m", at(0s), 300), ElementsAre(100, 100, 100));
  const auto uneven = fleet(with_strategy(config::Strategy::least_requests, {{"a", 1, 67}, {"b", 1, 33}}));
  EXPECT_THAT(spread(*uneven->pool(0), "m", at(0s), 100), ElementsAre(67, 33));
}

TEST(LeastRequests, CountsWhatTheBackendHasFromOtherPools) {
  Blueprint blueprint = with_strategy(config::Strategy::least_requests, {{"a"}, {"b"}});
  blueprint.pool("q", {{"a"}});
  const auto live = fleet(blueprint);
  const Picked elsewhere = picked(*live->pool(1), "x", at(0s));
  EXPECT_THAT(spread(*live->pool(0), "m", at(0s), 10), ElementsAre(0, 10));
}

TEST(LeastRequests, LeavesASlowMemberToItsBacklog) {
  const auto live = fleet(with_strategy(config::Strategy::least_requests, {{"a"}, {"b"}}));
  Simulation simulation(*live->pool(0),
                        [](std::size_t member, TimePoint) { return Answered{member == 0 ? 400ms : 100ms}; });
  const std::vector<int> counts = simulation.arrive(10ms, 60s);
  EXPECT_NEAR(share(counts, 0), 0.2, 0.02);
}

TEST(LeastRequests, KeepsToThePriorities) {
  const auto live = fleet(with_strategy(config::Strategy::least_requests, {{"a", 1}, {"b", 2}}));
  std::vector<Picked> held;
  EXPECT_THAT(hold(*live->pool(0), held, 20), ElementsAre(20, 0));
  EXPECT_EQ(live->pool(0)->strategy_label(), "priority");
}

TEST(LeastRequests, IsNamedOnAnswers) {
  EXPECT_EQ(fleet(with_strategy(config::Strategy::least_requests, {{"a"}}))->pool(0)->strategy_label(),
            "least_requests");
  EXPECT_EQ(fleet(with_strategy(config::Strategy::least_latency, {{"a"}}))->pool(0)->strategy_label(), "least_latency");
}

}  // namespace
}  // namespace spillway::pool
