#include "fixture.hpp"
#include "pool/affinity.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;

Wish of_prompt(std::uint64_t prompt, std::string_view model = "m") {
  Wish wish(model);
  wish.prompt = prompt;
  return wish;
}

std::size_t home_of(std::uint64_t prompt, const std::vector<MemberOf>& members) {
  return call(*fleet(Blueprint().pool("p", members))->pool(0), of_prompt(prompt), at(0s));
}

const std::vector<MemberOf> three{{"a"}, {"b"}, {"c"}};

TEST(Prompt, StaysWithOneMemberWhileLittleIsAsked) {
  const auto live = fleet(Blueprint().pool("p", three));
  const std::size_t home = home_of(7, three);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(call(*live->pool(0), of_prompt(7), at(0s)), home);
  EXPECT_NE(call(*live->pool(0), of_prompt(7), at(0s)), home);
  const auto quiet = fleet(Blueprint().pool("p", three));
  for (int i = 0; i < 500; ++i) EXPECT_EQ(call(*quiet->pool(0), of_prompt(7), at(i * 10s)), home);
}

TEST(Prompt, GivesNoMemberMoreThanItsShareAndAQuarterOfOneKey) {
  for (const Duration interval : {Duration(0ms), Duration(10ms), Duration(200ms)})
    for (std::uint64_t key = 0; key < 10; ++key) {
      const auto live = fleet(Blueprint().pool("p", three));
      std::vector<int> counts(3);
      for (int i = 0; i < 1'000; ++i) ++counts[call(*live->pool(0), of_prompt(key), at(i * interval))];
      for (const int count : counts) EXPECT_LE(count, 1.25 * 1'000 / 3);
      EXPECT_GE(counts[home_of(key, three)], 400) << "most stays where it belongs";
    }
}

TEST(Prompt, GivesNoMemberMoreThanItsShareAndAQuarterOfSkewedKeys) {
  const std::vector<MemberOf> members{{"a", 1, 50}, {"b", 1, 30}, {"c", 1, 20}};
  for (std::uint64_t first = 0; first < 10; ++first) {
    const auto live = fleet(Blueprint().pool("p", members));
    std::vector<int> counts(3);
    // Half of all requests are of the first key, a quarter of the next, and so on.
    for (unsigned i = 1; i <= 1'000; ++i)
      ++counts[call(*live->pool(0), of_prompt(first * 100 + static_cast<unsigned>(std::countr_zero(i))), at(i * 10ms))];
    EXPECT_LE(counts[0], 625);
    EXPECT_LE(counts[1], 375);
    EXPECT_LE(counts[2], 250);
  }
}

TEST(Prompt, StaysAtHomeWhenKeysAreMany) {
  const auto live = fleet(Blueprint().pool("p", three));
  int at_home = 0;
  for (std::uint64_t i = 0; i < 3'000; ++i)
    at_home += call(*live->pool(0), of_prompt(i % 600), at(i * 10ms)) == home_of(i % 600, three) ? 1 : 0;
  EXPECT_GE(at_home, 2'850);
}

TEST(Prompt, KeepsSharesForEachModel) {
  const auto live = fleet(Blueprint().pool("p", three));
  const std::size_t home = home_of(7, three);
  for (int i = 0; i < 100; ++i) call(*live->pool(0), of_prompt(7, "other"), at(0s));
  for (int i = 0; i < 16; ++i) EXPECT_EQ(call(*live->pool(0), of_prompt(7), at(0s)), home);
}

TEST(Prompt, DoesNotFloodAMemberThatReturns) {
  const auto live = fleet(Blueprint().pool("p", three));
  Pool& pool = *live->pool(0);
  const auto some = [&](Duration from, Duration until) {
    std::vector<int> counts(3);
    for (Duration time = from; time < until; time += 10ms)
      ++counts[call(pool, of_prompt(static_cast<std::uint64_t>(time / 10ms % 97)), at(time))];
    return counts;
  };
  some(0s, 50s);
  const std::vector<int> before = some(50s, 60s);
  call(pool, "m", at(60s), throttled(60s));
  call(pool, "m", at(60s), throttled(60s), tried({0}));
  std::vector<int> counts = some(60s, 120s);
  EXPECT_EQ(counts[0] + counts[1], 0);
  EXPECT_EQ(counts[2], 6'000);
  counts = some(120s, 130s);
  for (std::size_t member = 0; member < 3; ++member) EXPECT_NEAR(counts[member], before[member], 50) << before[member];
}

TEST(Prompt, GoesToWhoHasTheFewestWhenThoseWithinBoundsWereTried) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}}));
  for (int i = 0; i < 1'000; ++i) call(*live->pool(0), of_prompt(7), at(0s));
  const std::size_t home = home_of(7, {{"a"}, {"b"}});
  EXPECT_EQ(call(*live->pool(0), of_prompt(7), at(0s), ok(), tried({1 - home})), home);
}

TEST(Prompt, FailsWhenItsMemberIsAway) {
  Blueprint blueprint;
  blueprint.pool("p", three).config.pools[0].affinity.when_unavailable = config::WhenUnavailable::fail;
  const auto live = fleet(blueprint);
  const std::size_t home = call(*live->pool(0), of_prompt(7), at(0s), throttled(9s));
  const Exhausted none = exhausted(*live->pool(0), of_prompt(7), at(1s));
  EXPECT_TRUE(none.owner_unavailable);
  EXPECT_EQ(none.earliest, at(9s));
  EXPECT_EQ(call(*live->pool(0), of_prompt(7), at(9s)), home);
}

TEST(PromptShares, AreForgottenByHalfEveryMinute) {
  const std::vector<int> weights{1, 1};
  PromptShares shares;
  EXPECT_EQ(shares.within_bounds(0b11, weights, at(0s)), 0b11U);
  for (int i = 0; i < 60; ++i) shares.add(0, 0b11, 0, weights);
  EXPECT_EQ(shares.within_bounds(0b11, weights, at(0s)), 0b10U);
  EXPECT_EQ(shares.within_bounds(0b11, weights, at(119s)), 0b10U) << "15.2 are left, and one more would be too many";
  EXPECT_EQ(shares.within_bounds(0b11, weights, at(121s)), 0b11U);
  EXPECT_EQ(shares.lightest(0b11, weights), 1U);
}

TEST(PromptShares, AlwaysAllowSomebodyMore) {
  const std::vector<int> weights{1, 2, 3, 1'000};
  PromptShares shares;
  for (int i = 0; i < 5'000; ++i) {
    const Members within = shares.within_bounds(0b1111, weights, at(0s));
    ASSERT_NE(within, 0U);
    shares.add(static_cast<std::size_t>(std::countr_zero(within)), 0b1111, 0, weights);
  }
}

}  // namespace
}  // namespace spillway::pool
