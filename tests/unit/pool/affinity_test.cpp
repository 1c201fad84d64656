#include "pool/affinity.hpp"
#include "fixture.hpp"

namespace spillway::pool {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

Wish owned_by(std::size_t member) {
  Wish wish("m");
  wish.owner = member;
  return wish;
}
Wish pinned_to(std::size_t member) {
  Wish wish("m");
  wish.pinned = member;
  return wish;
}
Wish in_session(std::uint64_t session) {
  Wish wish("m");
  wish.session = session;
  return wish;
}

Blueprint failing(Blueprint blueprint) {
  for (config::Pool& pool : blueprint.config.pools) pool.affinity.when_unavailable = config::WhenUnavailable::fail;
  return blueprint;
}

TEST(Owner, IsTheOnlyOneWhateverPriorityAndTurn) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1}, {"b", 1}, {"c", 2}}));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(call(*live->pool(0), owned_by(2), at(0s)), 2U);
}

TEST(Owner, DoesNotTakeTheTurnsOfOtherRequests) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  std::vector<int> counts(2);
  for (int i = 0; i < 100; ++i) {
    call(*live->pool(0), owned_by(0), at(0s));
    ++counts[call(*live->pool(0), "m", at(0s))];
  }
  EXPECT_THAT(counts, ElementsAre(50, 50));
}

TEST(Owner, OpenIsUnavailableUntilItCloses) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  Pool& pool = *live->pool(0);
  call(pool, owned_by(0), at(0s), throttled(7s));
  const Exhausted none = exhausted(pool, owned_by(0), at(1s));
  EXPECT_TRUE(none.owner_unavailable);
  EXPECT_TRUE(none.all_throttled);
  EXPECT_FALSE(none.full);
  EXPECT_EQ(none.earliest, at(7s));
  EXPECT_EQ(call(pool, owned_by(0), at(7s)), 0U);
}

TEST(Owner, TriedIsUnavailable) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  const Exhausted none = exhausted(*live->pool(0), owned_by(1), at(3s), tried({1}));
  EXPECT_TRUE(none.owner_unavailable);
  EXPECT_EQ(none.earliest, at(3s));
  EXPECT_EQ(call(*live->pool(0), owned_by(1), at(3s), ok(), tried({0})), 1U);
}

TEST(Owner, FullMayBeWaitedFor) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}, {"b"}}).of("a").max_connections = 1;
  const auto live = fleet(blueprint);
  const Picked held = picked(*live->pool(0), owned_by(0), at(0s));
  const Exhausted none = exhausted(*live->pool(0), owned_by(0), at(1s));
  EXPECT_TRUE(none.owner_unavailable);
  EXPECT_TRUE(none.full);
  EXPECT_EQ(none.earliest, at(1s));
}

TEST(Owner, IsUnavailableWhenDrainedOrWithoutTheModelOrNoMember) {
  const auto live = fleet(
      Blueprint().backend("b", std::map<std::string, std::string>{{"y", "y"}}).pool("p", {{"a", 1, 0}, {"b"}, {"c"}}));
  for (const std::size_t member : {0U, 1U, 3U, 29U, 1'000U}) {
    const Exhausted none = exhausted(*live->pool(0), owned_by(member), at(0s));
    EXPECT_TRUE(none.owner_unavailable);
    EXPECT_FALSE(none.all_throttled);
    EXPECT_FALSE(none.full);
    EXPECT_EQ(none.earliest, at(1s));
  }
}

TEST(Owner, OfAModelThatNobodyServesIsNotAskedFor) {
  const auto live = fleet(Blueprint().backend("a", std::map<std::string, std::string>{{"y", "y"}}).pool("p", {{"a"}}));
  EXPECT_TRUE(std::holds_alternative<NotServed>(live->pool(0)->pick(owned_by(0), {}, at(0s))));
}

TEST(Owner, DecidesBeforeAllElse) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}, {"c"}}));
  for (std::uint64_t key = 0; key < 20; ++key) {
    Wish wish = owned_by(0);
    wish.pinned = 1;
    wish.session = wish.prompt = key;
    EXPECT_EQ(call(*live->pool(0), wish, at(0s)), 0U);
    wish.owner.reset();
    EXPECT_EQ(call(*live->pool(0), wish, at(0s)), 1U);
  }
}

TEST(Pinned, GoesToItsMemberElseToTheOthers) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1}, {"b", 1}, {"c", 2}}));
  Pool& pool = *live->pool(0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(call(pool, pinned_to(2), at(0s)), 2U);
  call(pool, pinned_to(2), at(0s), throttled(5s));
  EXPECT_THAT(spread(pool, pinned_to(2), at(1s), 10), ElementsAre(5, 5, 0));
  EXPECT_EQ(call(pool, pinned_to(1), at(1s), ok(), tried({1})), 0U);
  EXPECT_EQ(call(pool, pinned_to(2), at(5s)), 2U);
  EXPECT_TRUE(picks(pool, pinned_to(77), at(5s)));
}

TEST(Pinned, FailsWhenItShall) {
  const auto live = fleet(failing(Blueprint().pool("p", {{"a"}, {"b"}, {"c", 1, 0}})));
  Pool& pool = *live->pool(0);
  EXPECT_EQ(call(pool, pinned_to(1), at(0s), throttled(5s)), 1U);
  EXPECT_TRUE(exhausted(pool, pinned_to(1), at(1s)).owner_unavailable);
  EXPECT_EQ(exhausted(pool, pinned_to(1), at(1s)).earliest, at(5s));
  EXPECT_TRUE(exhausted(pool, pinned_to(2), at(1s)).owner_unavailable);
  EXPECT_FALSE(exhausted(pool, "m", at(1s), tried({0})).owner_unavailable) << "it is not bound";
}

// Where each of `sessions` sessions goes, by backend.
std::vector<std::string> homes(const Fleet& live, std::uint64_t sessions) {
  std::vector<std::string> all;
  for (std::uint64_t session = 0; session < sessions; ++session)
    all.push_back(live.config().backends[picked(*live.pool(0), in_session(session), at(0s)).backend].name);
  return all;
}

TEST(Session, StaysWithOneMemberInWhateverOrderTheyAreWritten) {
  const auto one = fleet(Blueprint().pool("p", {{"a"}, {"b", 1, 2}, {"c"}}));
  const auto other = fleet(Blueprint().pool("p", {{"c"}, {"a"}, {"b", 1, 2}}));
  EXPECT_EQ(homes(*one, 500), homes(*one, 500));
  EXPECT_EQ(homes(*one, 500), homes(*other, 500));
}

TEST(Session, AreSpreadByWeight) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 1, 5}, {"b", 1, 3}, {"c", 1, 2}}));
  std::map<std::string, int> counts;
  for (const std::string& home : homes(*live, 10'000)) ++counts[home];
  EXPECT_NEAR(counts["a"], 5'000, 200);
  EXPECT_NEAR(counts["b"], 3'000, 200);
  EXPECT_NEAR(counts["c"], 2'000, 200);
}

TEST(Session, MovesOnlyToAMemberThatIsAddedAndOnlyItsShare) {
  const std::vector<std::string> before = homes(*fleet(Blueprint().pool("p", {{"a"}, {"b"}, {"c"}})), 10'000);
  const std::vector<std::string> after = homes(*fleet(Blueprint().pool("p", {{"new"}, {"a"}, {"b"}, {"c"}})), 10'000);
  int moved = 0;
  for (std::size_t session = 0; session < before.size(); ++session) {
    if (before[session] == after[session]) continue;
    EXPECT_EQ(after[session], "new");
    ++moved;
  }
  EXPECT_NEAR(moved, 2'500, 200);
}

TEST(Session, GoesToTheNextByScoreWhileItsMemberIsAway) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}, {"c"}}));
  Pool& pool = *live->pool(0);
  const auto without_c = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  for (std::uint64_t session = 0; session < 200; ++session)
    EXPECT_EQ(call(pool, in_session(session), at(0s), ok(), tried({2})),
              call(*without_c->pool(0), in_session(session), at(0s)));
}

TEST(Session, KeepsToThePriorities) {
  const auto live = fleet(Blueprint().pool("p", {{"a", 2}, {"b", 1}, {"c", 1}}));
  Pool& pool = *live->pool(0);
  for (std::uint64_t session = 0; session < 50; ++session) {
    EXPECT_NE(call(pool, in_session(session), at(0s)), 0U);
    EXPECT_EQ(call(pool, in_session(session), at(0s), ok(), tried({1, 2})), 0U);
  }
}

TEST(Session, LeavesOutDrainedMembersAndThoseWithoutTheModel) {
  for (const bool fail : {false, true}) {
    Blueprint blueprint =
        Blueprint().backend("b", std::map<std::string, std::string>{{"y", "y"}}).pool("p", {{"a", 1, 0}, {"b"}, {"c"}});
    const auto live = fleet(fail ? failing(blueprint) : blueprint);
    for (std::uint64_t session = 0; session < 50; ++session)
      EXPECT_EQ(call(*live->pool(0), in_session(session), at(0s)), 2U);
  }
}

TEST(Session, FailsWhenItShall) {
  const auto live = fleet(failing(Blueprint().pool("p", {{"a"}, {"b"}, {"c", 2}})));
  Pool& pool = *live->pool(0);
  for (std::uint64_t session = 0; session < 20; ++session) {
    const std::size_t home = call(pool, in_session(session), at(0s));
    EXPECT_NE(home, 2U);
    const Exhausted none = exhausted(pool, in_session(session), at(0s), tried({home}));
    EXPECT_TRUE(none.owner_unavailable);
    EXPECT_EQ(none.earliest, at(0s));
    EXPECT_EQ(call(pool, in_session(session), at(0s), ok(), tried({1 - home, 2})), home);
  }
}

TEST(Session, FullMayBeWaitedForOrLeft) {
  for (const bool fail : {false, true}) {
    Blueprint blueprint;
    blueprint.pool("p", {{"a"}, {"b"}});
    for (config::Backend& backend : blueprint.config.backends) backend.max_connections = 1;
    const auto live = fleet(fail ? failing(blueprint) : blueprint);
    const Picked held = picked(*live->pool(0), in_session(1), at(0s));
    if (fail) {
      EXPECT_TRUE(exhausted(*live->pool(0), in_session(1), at(0s)).full);
    } else {
      EXPECT_EQ(picked(*live->pool(0), in_session(1), at(0s)).member, 1 - held.member);
    }
  }
}

}  // namespace
}  // namespace spillway::pool
