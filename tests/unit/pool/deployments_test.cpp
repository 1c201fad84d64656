#include "fixture.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;
using Map = std::map<std::string, std::string>;

std::string deployment(Pool& pool, std::string_view model) {
  return picked(pool, model, at(0s)).deployment;
}

std::vector<std::string> labels(const Fleet& live, TimePoint now = at(0s)) {
  std::vector<std::string> all;
  const std::vector<Fleet::BackendStatus> backends = live.backends(now);
  for (const CircuitStatus& circuit : backends[0].circuits) all.push_back(circuit.deployment);
  return all;
}

TEST(Deployments, WithoutAMapServeEverythingUnderItsOwnName) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  EXPECT_EQ(deployment(*live->pool(0), "gpt-4o"), "gpt-4o");
  EXPECT_TRUE(live->pool(0)->serves("anything"));
  EXPECT_FALSE(live->pool(0)->maps_models());
}

TEST(Deployments, WithAMapServeOnlyWhatIsNamed) {
  const auto live = fleet(Blueprint().backend("a", Map{{"gpt-4o", "gpt-4o-ptu"}}).pool("p", {{"a"}}));
  Pool& pool = *live->pool(0);
  EXPECT_EQ(deployment(pool, "gpt-4o"), "gpt-4o-ptu");
  EXPECT_TRUE(std::holds_alternative<NotServed>(pool.pick("gpt-4o-ptu", {}, at(0s))));
  EXPECT_TRUE(std::holds_alternative<NotServed>(pool.pick("gpt-4", {}, at(0s))));
  EXPECT_FALSE(pool.serves("gpt-4"));
  EXPECT_TRUE(pool.maps_models());
}

TEST(Deployments, WithAStarToAStarServeTheRestUnderItsOwnName) {
  const auto live = fleet(Blueprint().backend("a", Map{{"gpt-4o", "x"}, {"*", "*"}}).pool("p", {{"a"}}));
  EXPECT_EQ(deployment(*live->pool(0), "gpt-4o"), "x");
  EXPECT_EQ(deployment(*live->pool(0), "other-model"), "other-model");
  EXPECT_TRUE(live->pool(0)->serves("other-model"));
}

TEST(Deployments, WithAStarToANameSendTheRestThere) {
  const auto live = fleet(Blueprint().backend("a", Map{{"gpt-4o", "x"}, {"*", "all"}}).pool("p", {{"a"}}));
  EXPECT_EQ(deployment(*live->pool(0), "gpt-4o"), "x");
  EXPECT_EQ(deployment(*live->pool(0), "whatever"), "all");
}

TEST(Deployments, ThatKeepEveryNameNeedNoRewrite) {
  const auto live = fleet(Blueprint()
                              .backend("a", Map{{"gpt-4o", "gpt-4o"}, {"*", "*"}})
                              .pool("p", {{"a"}})
                              .backend("b", Map{{"*", "x"}})
                              .pool("q", {{"a"}, {"b"}}));
  EXPECT_FALSE(live->pool(0)->maps_models());
  EXPECT_TRUE(live->pool(1)->maps_models());
}

TEST(Deployments, DecideWhichMembersAreEligible) {
  const auto live = fleet(Blueprint()
                              .backend("a", Map{{"x", "x"}})
                              .backend("b", Map{{"y", "y"}})
                              .backend("c")
                              .pool("p", {{"a"}, {"b"}, {"c"}}));
  EXPECT_THAT(spread(*live->pool(0), "x", at(0s), 10), ElementsAre(5, 0, 5));
  EXPECT_THAT(spread(*live->pool(0), "y", at(0s), 10), ElementsAre(0, 5, 5));
  EXPECT_THAT(spread(*live->pool(0), "z", at(0s), 10), ElementsAre(0, 0, 10));
}

TEST(Deployments, AreNotAskedForWhenTheRequestHasNoModel) {
  const auto live = fleet(Blueprint().backend("a", Map{{"x", "x"}}).pool("p", {{"a"}, {"b"}}));
  EXPECT_THAT(spread(*live->pool(0), "", at(0s), 10), ElementsAre(5, 5));
  EXPECT_EQ(deployment(*live->pool(0), ""), "");
  EXPECT_TRUE(live->pool(0)->serves(""));
}

TEST(Deployments, AreServedByADrainedMemberTooThoughNotNow) {
  const auto live = fleet(Blueprint().backend("a", Map{{"x", "x"}}).pool("p", {{"a", 1, 0}}));
  EXPECT_TRUE(live->pool(0)->serves("x"));
  EXPECT_TRUE(std::holds_alternative<Exhausted>(live->pool(0)->pick("x", {}, at(0s))));
}

TEST(Deployments, HaveACircuitEach) {
  const auto live = fleet(Blueprint().backend("a", Map{{"x", "x1"}, {"y", "y1"}}).pool("p", {{"a"}}));
  Pool& pool = *live->pool(0);
  call(pool, "x", at(0s), throttled());
  EXPECT_FALSE(picks(pool, "x", at(0s)));
  EXPECT_TRUE(picks(pool, "y", at(0s)));
  EXPECT_TRUE(picks(pool, "", at(0s)));
}

TEST(Deployments, ShareACircuitWhenTwoModelsMeanTheSame) {
  const auto live = fleet(Blueprint().backend("a", Map{{"x", "same"}, {"y", "same"}}).pool("p", {{"a"}}));
  call(*live->pool(0), "x", at(0s), throttled());
  EXPECT_FALSE(picks(*live->pool(0), "y", at(0s)));
}

TEST(Deployments, ShareTheirCircuitsWithAllPoolsOfTheBackend) {
  const auto live = fleet(Blueprint().backend("a", Map{{"x", "x"}}).pool("p", {{"a"}}).pool("q", {{"a"}}));
  call(*live->pool(0), "x", at(0s), throttled(5s));
  EXPECT_EQ(exhausted(*live->pool(1), "x", at(1s)).earliest, at(5s));
}

TEST(Deployments, NotNamedShareACircuitUntilTheyAreAnswered) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  Pool& pool = *live->pool(0);
  call(pool, "x", at(0s), throttled());
  EXPECT_FALSE(picks(pool, "y", at(0s)));
  EXPECT_THAT(labels(*live), ElementsAre("other"));
}

TEST(Deployments, NotNamedGetTheirOwnCircuitWithA2xx) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}).pool("q", {{"a"}}));
  Pool& pool = *live->pool(0);
  call(pool, "x", at(0s));
  picks(*live->pool(1), "x", at(0s));
  call(pool, "x", at(0s), throttled());
  EXPECT_FALSE(picks(pool, "x", at(0s)));
  EXPECT_FALSE(picks(*live->pool(1), "x", at(0s)));
  EXPECT_TRUE(picks(pool, "y", at(0s)));
  EXPECT_THAT(labels(*live), ElementsAre("x", "other"));
}

TEST(Deployments, LearnedAfterAnotherPoolHasLookedAreSeenThereToo) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}).pool("q", {{"a"}}));
  EXPECT_TRUE(picks(*live->pool(1), "x", at(0s)));
  call(*live->pool(0), "x", at(0s));
  call(*live->pool(0), "x", at(0s), throttled());
  EXPECT_FALSE(picks(*live->pool(1), "x", at(0s)));
}

TEST(Deployments, NotAnsweredWith2xxAreNotLearned) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  for (const int status : {304, 400, 404}) call(*live->pool(0), "x", at(0s), Verdict::answered(status));
  call(*live->pool(0), "x", at(0s), Verdict::failed(ErrorKind::reset));
  picks(*live->pool(0), "x", at(0s));
  EXPECT_THAT(labels(*live), ElementsAre("other"));
}

TEST(Deployments, AreLearnedWhenTheAnswerBegins) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  Picked stream = picked(*live->pool(0), "x", at(0s));
  stream.lease.answer_begins(200, at(1s));
  EXPECT_THAT(labels(*live), ElementsAre("x", "other"));
  EXPECT_EQ(live->backends(at(1s))[0].in_flight, 1U);
}

TEST(Deployments, AreLearnedAtMost100TimesABackend) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  Pool& pool = *live->pool(0);
  for (int i = 0; i < 150; ++i) call(pool, "m" + std::to_string(i), at(0s));
  EXPECT_EQ(labels(*live).size(), 101U);
  call(pool, "m120", at(0s), throttled());
  EXPECT_FALSE(picks(pool, "m149", at(0s)));
  EXPECT_TRUE(picks(pool, "m99", at(0s)));
}

TEST(Deployments, NamedDoNotCountAmongTheLearned) {
  Map named{{"*", "*"}};
  for (int i = 0; i < 120; ++i) named["n" + std::to_string(i)] = "n" + std::to_string(i);
  const auto live = fleet(Blueprint().backend("a", named).pool("p", {{"a"}}));
  for (int i = 0; i < 120; ++i) call(*live->pool(0), "n" + std::to_string(i), at(0s));
  for (int i = 0; i < 150; ++i) call(*live->pool(0), "m" + std::to_string(i), at(0s));
  EXPECT_EQ(labels(*live).size(), 221U);
}

TEST(Deployments, OfRequestsWithoutAModelAreLabelledWithADash) {
  const auto live = fleet(Blueprint().backend("a", Map{{"x", "x"}}).pool("p", {{"a"}}));
  call(*live->pool(0), "", at(0s));
  call(*live->pool(0), "x", at(0s));
  EXPECT_THAT(labels(*live), ElementsAre("-", "x"));
}

}  // namespace
}  // namespace spillway::pool
