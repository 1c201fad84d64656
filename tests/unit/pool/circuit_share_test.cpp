#include "circuit_fixture.hpp"

namespace spillway::pool {
namespace {

TEST(CircuitShare, OpensWhenTheShareOfFailuresIsReached) {
  TestCircuit test({share_rule(50, 10, 10s, 1s)});
  for (int i = 0; i < 10; ++i) test.answer(ok(), at(0s));
  for (int i = 0; i < 9; ++i) test.fail(at(1s));
  EXPECT_EQ(test.state(at(1s)), CircuitState::closed);
  test.fail(at(1s));
  EXPECT_EQ(test.state(at(1s)), CircuitState::open);
  EXPECT_EQ(test.circuit.rule(), "share");
}

TEST(CircuitShare, WaitsForTheLeastNumberOfRequests) {
  TestCircuit test({share_rule(1, 10, 10s, 1s)});
  for (int i = 0; i < 9; ++i) test.fail(at(0s));
  EXPECT_EQ(test.state(at(0s)), CircuitState::closed);
  test.fail(at(0s));
  EXPECT_EQ(test.state(at(0s)), CircuitState::open);
}

TEST(CircuitShare, TripsOnlyOnAnAnswerItCounts) {
  TestCircuit test({share_rule(50, 4, 10s, 1s)});
  for (int i = 0; i < 3; ++i) test.fail(at(0s));
  test.answer(ok(), at(1s));
  EXPECT_EQ(test.state(at(1s)), CircuitState::closed);
  test.fail(at(2s));
  EXPECT_EQ(test.state(at(2s)), CircuitState::open);
}

TEST(CircuitShare, ForgetsAnswersExactlyTheIntervalOld) {
  TestCircuit test({share_rule(100, 2, 10s, 1s)});
  test.answer(ok(), at(0s));
  test.fail(at(9'998ms));
  test.fail(at(9'999ms));
  EXPECT_EQ(test.state(at(9'999ms)), CircuitState::closed);
  test.fail(at(10s));
  EXPECT_EQ(test.state(at(10s)), CircuitState::open);
}

TEST(CircuitShare, LeavesAbandonedRequestsOutOfTheShare) {
  TestCircuit test({share_rule(100, 2, 10s, 1s)});
  for (int i = 0; i < 10; ++i) test.answer(Verdict::abandoned(), at(0s));
  test.fail(at(0s));
  test.fail(at(0s));
  EXPECT_EQ(test.state(at(0s)), CircuitState::open);
}

TEST(CircuitShare, StartsAfreshAfterATrip) {
  TestCircuit test({share_rule(50, 2, 1min, 1s)});
  test.fail(at(0s));
  test.fail(at(0s));
  ASSERT_EQ(test.state(at(1s)), CircuitState::closed);
  test.fail(at(1s));
  EXPECT_EQ(test.state(at(1s)), CircuitState::closed);
}

}  // namespace
}  // namespace spillway::pool
