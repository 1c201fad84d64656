#include "fixture.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;

TEST(Selection, Spreads300CallsOverThreeEqualMembersExactly) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}, {"c"}}));
  EXPECT_THAT(spread(*live->pool(0), "gpt-4o", at(0s), 300), ElementsAre(100, 100, 100));
}

TEST(Selection, Spreads67To33Over20Calls) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1, 67}, {"b", 1, 33}}));
  EXPECT_THAT(spread(*live->pool(0), "m", at(0s), 20), ::testing::AnyOf(ElementsAre(13, 7), ElementsAre(14, 6)));
}

TEST(Selection, SpreadsHalfAndHalf) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1, 50}, {"b", 1, 50}}));
  EXPECT_THAT(spread(*live->pool(0), "m", at(0s), 100), ElementsAre(50, 50));
}

TEST(Selection, Spreads70To30Over1000CallsExactly) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1, 70}, {"b", 1, 30}}));
  EXPECT_THAT(spread(*live->pool(0), "m", at(0s), 1'000), ElementsAre(700, 300));
}

TEST(Selection, SendsNothingToADrainedMember) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1, 0}, {"b", 1, 1}}));
  EXPECT_THAT(spread(*live->pool(0), "m", at(0s), 10), ElementsAre(0, 10));
}

TEST(Selection, PrefersTheLowestPriorityWhateverTheOrderOfMembers) {
  const auto live = fleet(Blueprint().pool("p", {{"c", 100}, {"b", 2}, {"a", 0}}));
  EXPECT_THAT(spread(*live->pool(0), "m", at(0s), 10), ElementsAre(0, 0, 10));
  EXPECT_THAT(spread(*live->pool(0), "m", at(0s), 10, tried({2})), ElementsAre(0, 10, 0));
  EXPECT_THAT(spread(*live->pool(0), "m", at(0s), 10, tried({1, 2})), ElementsAre(10, 0, 0));
}

TEST(Selection, TakesTheRestOfAGroupBeforeTheNext) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1}, {"b", 1}, {"c", 2}}));
  Pool& pool = *live->pool(0);
  EXPECT_EQ(call(pool, "m", at(0s), ok(), tried({0})), 1U);
  EXPECT_EQ(call(pool, "m", at(0s), ok(), tried({1})), 0U);
  EXPECT_EQ(call(pool, "m", at(0s), ok(), tried({0, 1})), 2U);
}

TEST(Selection, SpillsOverAndComesBackAfterRetryAfter) {
  const auto live = fleet(Blueprint().pool("p", {{"ptu", 1}, {"west", 2, 50}, {"sweden", 2, 50}}));
  Pool& pool = *live->pool(0);
  EXPECT_EQ(call(pool, "m", at(0s), throttled(1'500ms)), 0U);
  EXPECT_THAT(spread(pool, "m", at(1ms), 100), ElementsAre(0, 50, 50));
  EXPECT_THAT(spread(pool, "m", at(1'499ms), 2), ElementsAre(0, 1, 1));
  EXPECT_THAT(spread(pool, "m", at(1'500ms), 10), ElementsAre(10, 0, 0));
}

TEST(Selection, NeverSkewsTheRestByWhatWasTried) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}, {"c"}}));
  Pool& pool = *live->pool(0);
  std::vector<int> first(3);
  std::vector<int> second(3);
  for (int i = 0; i < 300; ++i) {
    const std::size_t member = call(pool, "m", at(0s), Verdict::answered(404));
    ++first[member];
    if (member == 0) ++second[call(pool, "m", at(0s), ok(), tried({0}))];
  }
  EXPECT_THAT(first, ElementsAre(100, 100, 100));
  EXPECT_THAT(second, ElementsAre(0, 50, 50));
}

TEST(Selection, NeverSkewsTheRestByAnOpenCircuit) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b", 1, 2}, {"c", 1, 3}}));
  Pool& pool = *live->pool(0);
  EXPECT_EQ(call(pool, "m", at(0s)), 2U);
  EXPECT_EQ(call(pool, "m", at(0s), throttled(10s)), 1U);
  EXPECT_THAT(spread(pool, "m", at(1s), 400), ElementsAre(100, 0, 300));
  EXPECT_THAT(spread(pool, "m", at(10s), 598), ElementsAre(100, 199, 299));
}

TEST(Selection, KeepsATurnForEachModel) {
  for (const bool named : {false, true}) {
    Blueprint blueprint;
    for (const char* backend : {"a", "b"})
      blueprint.backend(
          backend, named ? std::optional(std::map<std::string, std::string>{{"x", "x"}, {"y", "y"}}) : std::nullopt);
    const auto live = fleet(blueprint.pool("p", {{"a"}, {"b"}}));
    std::vector<int> x(2);
    std::vector<int> y(2);
    for (int i = 0; i < 100; ++i) {
      ++x[call(*live->pool(0), "x", at(0s))];
      ++y[call(*live->pool(0), "y", at(0s))];
    }
    EXPECT_THAT(x, ElementsAre(50, 50));
    EXPECT_THAT(y, ElementsAre(50, 50));
  }
}

TEST(Selection, KeepsATurnForEachPool) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}).pool("q", {{"a"}, {"b"}}));
  EXPECT_EQ(call(*live->pool(0), "m", at(0s)), 0U);
  EXPECT_EQ(call(*live->pool(1), "m", at(0s)), 0U);
}

TEST(Selection, KeepsTheTurnOfAUsedModelThroughAFloodOfInventedOnes) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  Pool& pool = *live->pool(0);
  EXPECT_EQ(call(pool, "real", at(0s)), 0U);
  for (int i = 0; i < 5'000; ++i) call(pool, "invented-" + std::to_string(i), at(0s), Verdict::answered(404));
  EXPECT_EQ(call(pool, "real", at(0s)), 1U);
}

TEST(Selection, KeepsTheTurnsOfAHundredAnsweredModels) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  Pool& pool = *live->pool(0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(call(pool, "real-" + std::to_string(i), at(0s)), 0U);
  for (int i = 0; i < 1'000; ++i) call(pool, "invented-" + std::to_string(i), at(0s));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(call(pool, "real-" + std::to_string(i), at(0s)), 1U);
}

TEST(Selection, LetsVeryLongModelNamesShareATurn) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  Pool& pool = *live->pool(0);
  Picked first = picked(pool, std::string(300, 'x'), at(0s));
  EXPECT_EQ(first.deployment, std::string(300, 'x'));
  EXPECT_EQ(first.member, 0U);
  first.lease.settle(ok(), at(0s));
  Picked second = picked(pool, std::string(300, 'y'), at(0s));
  EXPECT_EQ(second.deployment, std::string(300, 'y'));
  EXPECT_EQ(second.member, 1U);
}

TEST(Selection, SaysWhichMemberAndBackend) {
  Blueprint blueprint;
  blueprint.backend("unused").pool("p", {{"a", 2}, {"b", 1}});
  const auto live = fleet(blueprint);
  const Picked found = picked(*live->pool(0), "m", at(0s));
  EXPECT_EQ(found.member, 1U);
  EXPECT_EQ(found.backend, 2U);
  EXPECT_EQ(found.circuit, CircuitState::closed);
  EXPECT_TRUE(found.lease);
}

TEST(Selection, SkipsAFullBackendAndNeverPassesItsLimit) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}, {"b"}}).of("a").max_connections = 2;
  const auto live = fleet(blueprint);
  Pool& pool = *live->pool(0);
  std::vector<Picked> held;
  std::vector<int> counts(2);
  for (int i = 0; i < 20; ++i) {
    held.push_back(picked(pool, "m", at(0s)));
    ++counts[held.back().member];
  }
  EXPECT_THAT(counts, ElementsAre(2, 18));
  held.clear();
  EXPECT_THAT(spread(pool, "m", at(0s), 100), ElementsAre(50, 50));
}

TEST(Selection, CountsConnectionsOfAllPoolsOfABackend) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).pool("q", {{"a"}}).of("a").max_connections = 1;
  const auto live = fleet(blueprint);
  const Picked held = picked(*live->pool(0), "m", at(0s));
  EXPECT_FALSE(picks(*live->pool(1), "m", at(0s)));
}

TEST(Selection, ServesAPoolOfThirtyMembers) {
  Blueprint blueprint;
  std::vector<MemberOf> members;
  for (int i = 0; i < 30; ++i) members.push_back({"b" + std::to_string(i), i % 3, 1});
  const auto live = fleet(blueprint.pool("p", members));
  Pool& pool = *live->pool(0);
  Tried all;
  for (int i = 0; i < 30; ++i) {
    const std::size_t member = call(pool, "m", at(0s), ok(), all);
    EXPECT_FALSE(all.contains(member));
    EXPECT_EQ(pool.config().members[member].priority, i / 10);
    all.add(member);
  }
  EXPECT_EQ(exhausted(pool, "m", at(0s), all).earliest, at(0s));
}

TEST(Selection, IsLabelledByPriorityOnlyWhenThereAreSeveral) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 5}, {"b", 5}}).pool("q", {{"a", 1}, {"b", 2, 0}}));
  EXPECT_EQ(live->pool(0)->strategy_label(), "round_robin");
  EXPECT_EQ(live->pool(1)->strategy_label(), "priority");
  EXPECT_EQ(name(config::Strategy::round_robin), "round_robin");
}

}  // namespace
}  // namespace spillway::pool
