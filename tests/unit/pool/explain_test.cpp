#include "fixture.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;

// Each member as `number:standing`.
std::vector<std::string> told(const Pool& pool, const Wish& wish, TimePoint now) {
  std::vector<std::string> all;
  for (const Explained& one : pool.explain(wish, now))
    all.push_back(std::to_string(one.member) + ":" + std::string(name(one.standing)));
  return all;
}

// The order in which members are really tried by one request.
std::vector<std::string> done(Pool& pool, const Wish& wish, TimePoint now) {
  std::vector<std::string> all;
  Tried before;
  for (;;) {
    PickResult result = pool.pick(wish, before, now);
    Picked* found = std::get_if<Picked>(&result);
    if (found == nullptr) return all;
    all.push_back(std::to_string(found->member) + ":eligible");
    before.add(found->member);
    found->lease.settle(Verdict::answered(404), now);
  }
}

TEST(Explain, TellsTheOrderInWhichMembersWouldBeTried) {
  for (const config::Strategy strategy :
       {config::Strategy::round_robin, config::Strategy::least_latency, config::Strategy::least_requests}) {
    Blueprint blueprint;
    blueprint.pool("p", {{"a", 2}, {"b", 1, 5}, {"c", 1, 3}, {"d", 1, 1}, {"e", 2, 9}});
    blueprint.config.pools[0].strategy = strategy;
    const auto live = fleet(blueprint);
    Pool& pool = *live->pool(0);
    for (int round = 0; round < 50; ++round) {
      Wish wish("m");
      if (round % 5 == 1) wish.pinned = 0;
      if (round % 5 == 2) wish.session = static_cast<std::uint64_t>(round);
      if (round % 5 == 3) wish.prompt = 1;
      wish.stream = round % 2 == 0;
      const std::vector<std::string> promised = told(pool, wish, at(round * 1s));
      EXPECT_EQ(promised.size(), 5U);
      EXPECT_EQ(done(pool, wish, at(round * 1s)), promised);
      call(pool, wish, at(round * 1s + 300ms));
    }
  }
}

TEST(Explain, ChangesNothing) {
  for (const config::Strategy strategy :
       {config::Strategy::round_robin, config::Strategy::least_latency, config::Strategy::least_requests}) {
    Blueprint blueprint;
    blueprint.pool("p", {{"a"}, {"b"}, {"c"}}).config.pools[0].strategy = strategy;
    Observed seen;
    const auto asked = fleet(blueprint, nullptr, seen.observer());
    const auto left_alone = fleet(blueprint);
    Wish prompt("m");
    prompt.prompt = 5;
    for (int round = 0; round < 40; ++round) {
      const TimePoint now = at(round * 1s);
      for (int i = 0; i < 100; ++i) asked->pool(0)->explain(i % 2 == 0 ? Wish("m") : prompt, now);
      for (const Wish& wish : {Wish("m"), prompt}) {
        const Verdict verdict = round == 7 ? throttled(3s) : ok();
        EXPECT_EQ(call(*asked->pool(0), wish, now, verdict), call(*left_alone->pool(0), wish, now, verdict));
      }
    }
    for (int i = 0; i < 5'000; ++i) asked->pool(0)->explain("invented-" + std::to_string(i), at(40s));
    EXPECT_EQ(call(*asked->pool(0), "m", at(40s)), call(*left_alone->pool(0), "m", at(40s)));
    EXPECT_EQ(asked->pool(0)->status(at(40s)).members[0].requests,
              left_alone->pool(0)->status(at(40s)).members[0].requests);
  }
}

TEST(Explain, LeavesTheEndOfAnOpenTimeToBeNoticedByOthers) {
  Observed seen;
  const auto live = fleet(Blueprint().pool("p", {{"a"}}), nullptr, seen.observer());
  call(*live->pool(0), "m", at(0s), throttled(5s));
  EXPECT_THAT(told(*live->pool(0), "m", at(5s)), ElementsAre("0:eligible"));
  EXPECT_THAT(seen.changes, ElementsAre("a/other closed>open throttled"));
}

TEST(Explain, SaysWhyAMemberGetsNothing) {
  Blueprint blueprint;
  blueprint.backend("other-models", std::map<std::string, std::string>{{"y", "y"}})
      .backend("open", std::map<std::string, std::string>{{"m", "m-here"}})
      .pool("p", {{"other-models"}, {"drained", 1, 0}, {"open", 1}, {"probing", 1}, {"full", 1}, {"well", 2}});
  blueprint.of("full").max_connections = 1;
  const auto live = fleet(blueprint);
  Pool& pool = *live->pool(0);
  const auto only_member = [](std::size_t member) {
    Wish wish("m");
    wish.owner = member;
    return wish;
  };
  for (int i = 0; i < 3; ++i) call(pool, only_member(3), at(0s), Verdict::failed(ErrorKind::reset));
  const Picked probe = picked(pool, only_member(3), at(1min));
  const Picked held = picked(pool, only_member(4), at(1min));
  call(pool, only_member(2), at(1min), throttled(10s));

  EXPECT_THAT(told(pool, "m", at(1min)),
              ElementsAre("5:eligible", "0:not_served", "1:drained", "2:open", "3:probing", "4:full"));
  const std::vector<Explained> all = pool.explain("m", at(1min) + 100us);
  EXPECT_EQ(all[0].deployment, "m");
  EXPECT_EQ(all[0].circuit, CircuitState::closed);
  EXPECT_EQ(all[0].rule, "");
  EXPECT_FALSE(all[0].reopens_in);
  EXPECT_EQ(all[1].deployment, "");
  EXPECT_EQ(all[3].deployment, "m-here");
  EXPECT_EQ(all[3].circuit, CircuitState::open);
  EXPECT_EQ(all[3].rule, "throttled");
  EXPECT_EQ(all[3].reopens_in, 10s);
  EXPECT_EQ(all[4].circuit, CircuitState::half_open);
  EXPECT_EQ(all[4].rule, "failing");
  EXPECT_FALSE(all[4].reopens_in);
}

TEST(Explain, SaysWhichMembersARequestIsKeptFrom) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}, {"b"}, {"c", 1, 0}}).config.pools[0].affinity.when_unavailable =
      config::WhenUnavailable::fail;
  const auto live = fleet(blueprint);
  Wish wish("m");
  wish.owner = 1;
  EXPECT_THAT(told(*live->pool(0), wish, at(0s)), ElementsAre("1:eligible", "0:bound", "2:drained"));
  wish.owner = 2;
  EXPECT_THAT(told(*live->pool(0), wish, at(0s)), ElementsAre("0:bound", "1:bound", "2:drained"));
  wish.owner.reset();
  wish.pinned = 0;
  EXPECT_THAT(told(*live->pool(0), wish, at(0s)), ElementsAre("0:eligible", "1:bound", "2:drained"));
}

TEST(Explain, TellsThatNobodyServesAModel) {
  const auto live = fleet(Blueprint().backend("a", std::map<std::string, std::string>{{"y", "y"}}).pool("p", {{"a"}}));
  EXPECT_THAT(told(*live->pool(0), "m", at(0s)), ElementsAre("0:not_served"));
}

TEST(MemberOf, FindsABackendAmongThePoolsMembers) {
  const auto live = fleet(Blueprint().backend("x").pool("p", {{"b"}, {"a"}}).pool("q", {{"x"}, {"a"}}));
  EXPECT_EQ(live->pool(0)->member_of(0), std::nullopt);
  EXPECT_EQ(live->pool(0)->member_of(1), 0U);
  EXPECT_EQ(live->pool(0)->member_of(2), 1U);
  EXPECT_EQ(live->pool(1)->member_of(2), 1U);
  EXPECT_EQ(live->pool(1)->member_of(99), std::nullopt);
}

}  // namespace
}  // namespace spillway::pool
