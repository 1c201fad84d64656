#include "fixture.hpp"
#include "pool/strategy.hpp"

namespace spillway::pool {
namespace {

std::vector<int> spread(RoundRobin& turn, Members eligible, const std::vector<int>& weights, int calls) {
  std::vector<int> counts(weights.size());
  for (int i = 0; i < calls; ++i) ++counts[turn.next(eligible, weights)];
  return counts;
}

TEST(RoundRobin, Spreads300CallsOverThreeEqualMembersExactly) {
  RoundRobin turn;
  EXPECT_THAT(spread(turn, 0b111, {1, 1, 1}, 300), ::testing::ElementsAre(100, 100, 100));
}

TEST(RoundRobin, TakesEqualMembersInOrder) {
  RoundRobin turn;
  const std::vector<int> weights{1, 1, 1};
  for (const std::size_t expected : {0U, 1U, 2U, 0U, 1U, 2U}) EXPECT_EQ(turn.next(0b111, weights), expected);
}

TEST(RoundRobin, Spreads67To33Over20CallsWhereverTheyStart) {
  RoundRobin turn;
  const std::vector<int> weights{67, 33};
  for (int start = 0; start < 300; ++start) {
    const int first = spread(turn, 0b11, weights, 20)[0];
    EXPECT_TRUE(first == 13 || first == 14) << first << " from " << start * 21;
    turn.next(0b11, weights);
  }
}

TEST(RoundRobin, Spreads70To30Over1000CallsExactly) {
  RoundRobin turn;
  EXPECT_THAT(spread(turn, 0b11, {70, 30}, 1'000), ::testing::ElementsAre(700, 300));
}

TEST(RoundRobin, SpreadsTheLargestAndSmallestWeights) {
  RoundRobin turn;
  EXPECT_THAT(spread(turn, 0b111, {1'000, 1, 999}, 20'000), ::testing::ElementsAre(10'000, 10, 9'990));
}

TEST(RoundRobin, IsSmooth) {
  RoundRobin turn;
  std::string order;
  const std::vector<int> weights{5, 1, 1};
  for (int i = 0; i < 7; ++i) order += static_cast<char>('a' + turn.next(0b111, weights));
  EXPECT_EQ(order, "aabacaa");
}

TEST(RoundRobin, SpreadsThirtyMembers) {
  RoundRobin turn;
  const std::vector<int> weights(30, 1);
  EXPECT_THAT(spread(turn, (1U << 30) - 1, weights, 900), ::testing::Each(30));
}

TEST(RoundRobin, GoesOnWhereItStoppedAfterMembersWereAway) {
  RoundRobin turn;
  const std::vector<int> weights{50, 30, 20};
  std::vector<int> all(3);
  for (int i = 0; i < 1'000; ++i) {
    ++all[turn.next(0b111, weights)];
    if (i % 3 == 0) turn.next(0b110, weights);
    if (i % 7 == 0) turn.next(0b101, weights);
    if (i % 100 == 50) spread(turn, 0b011, weights, 9);
  }
  EXPECT_THAT(all, ::testing::ElementsAre(500, 300, 200));
}

TEST(RoundRobin, SpreadsTheRestExactlyWhileAMemberIsAway) {
  RoundRobin turn;
  const std::vector<int> weights{1'000, 67, 33};
  for (int before = 0; before < 37; ++before) turn.next(0b111, weights);
  EXPECT_THAT(spread(turn, 0b110, weights, 100), ::testing::ElementsAre(0, 67, 33));
}

TEST(RoundRobin, GivesAReturningMemberNoMoreThanItsShare) {
  RoundRobin turn;
  const std::vector<int> weights{1, 1, 1};
  turn.next(0b111, weights);
  spread(turn, 0b110, weights, 10'001);
  EXPECT_THAT(spread(turn, 0b111, weights, 299), ::testing::ElementsAre(99, 100, 100));
}

TEST(RoundRobin, StaysFairWhenMoreSetsComeAndGoThanItRemembers) {
  RoundRobin turn;
  const std::vector<int> weights(8, 1);
  std::vector<int> counts(8);
  for (int round = 0; round < 200; ++round)
    for (std::size_t one = 0; one < 8; ++one)
      for (std::size_t other = 0; other < one; ++other) ++counts[turn.next(0xFFU & ~only(one) & ~only(other), weights)];
  for (const int count : counts) EXPECT_NEAR(count, 700, 14);
}

TEST(RoundRobin, ForgetsASetThatWasNotMetForLong) {
  RoundRobin turn;
  const std::vector<int> weights(8, 1);
  for (std::size_t one = 0; one < 8; ++one)
    for (std::size_t other = 0; other < one; ++other) turn.next(only(one) | only(other), weights);
  spread(turn, 0xFF, weights, 2'000);
  EXPECT_THAT(spread(turn, 0xF0, weights, 4), ::testing::ElementsAre(0, 0, 0, 0, 1, 1, 1, 1));
}

TEST(RoundRobin, ChoosesTheOnlyOne) {
  RoundRobin turn;
  EXPECT_EQ(turn.next(0b100, std::vector<int>{1, 1, 1}), 2U);
}

}  // namespace
}  // namespace spillway::pool
