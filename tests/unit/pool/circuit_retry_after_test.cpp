#include "circuit_fixture.hpp"

namespace spillway::pool {
namespace {

TEST(CircuitRetryAfter, OpensForWhatTheAnswerAsks) {
  TestCircuit test;
  test.answer(throttled(843ms), at(0s));
  EXPECT_EQ(test.transitions.back().open_for, 843ms);
  EXPECT_FALSE(test.transitions.back().retry_after);
  EXPECT_EQ(test.state(at(842ms)), CircuitState::open);
  EXPECT_EQ(test.state(at(843ms)), CircuitState::closed);
}

TEST(CircuitRetryAfter, MayBeLongerThanTheTripDuration) {
  TestCircuit test;
  test.answer(throttled(47s), at(0s));
  EXPECT_EQ(test.circuit.open_until(), at(47s));
}

TEST(CircuitRetryAfter, S12IsCutAtTheLimitAndTold) {
  TestCircuit test;
  test.answer(throttled(24h), at(0s));
  EXPECT_EQ(test.circuit.open_until(), at(2min));
  EXPECT_EQ(test.transitions.back().open_for, 2min);
  EXPECT_EQ(test.transitions.back().retry_after, Milliseconds(24h));
}

TEST(CircuitRetryAfter, AtExactlyTheLimitIsNotCut) {
  TestCircuit test;
  test.answer(throttled(2min), at(0s));
  EXPECT_EQ(test.circuit.open_until(), at(2min));
  EXPECT_FALSE(test.transitions.back().retry_after);
}

TEST(CircuitRetryAfter, IsNotHeardByARuleThatDoesNotAcceptIt) {
  config::BreakerRule deaf = rule("deaf", 1, 10s, 5s);
  deaf.accept_retry_after = false;
  TestCircuit test({deaf}, 30s);
  test.answer(Verdict::answered(503, 24h), at(0s));
  EXPECT_EQ(test.circuit.open_until(), at(5s));
  EXPECT_FALSE(test.transitions.back().retry_after);
}

TEST(CircuitRetryAfter, S12OfZeroFallsBackToTheTripDuration) {
  TestCircuit test;
  test.answer(throttled(0ms), at(0s));
  EXPECT_EQ(test.circuit.open_until(), at(10s));
}

TEST(CircuitRetryAfter, CountsForA503Too) {
  TestCircuit test;
  test.fail(at(0s));
  test.fail(at(0s));
  test.answer(Verdict::answered(503, 3s), at(0s));
  EXPECT_EQ(test.circuit.open_until(), at(3s));
  EXPECT_EQ(test.state(at(3s)), CircuitState::half_open);
}

TEST(CircuitRetryAfter, DoesNotCutATripDurationBeyondTheLimit) {
  TestCircuit test({rule("r", 1, 10s, 10min)}, 2min);
  test.fail(at(0s));
  EXPECT_EQ(test.circuit.open_until(), at(10min));
}

TEST(CircuitRetryAfter, CompetesWithOtherRulesThatTrip) {
  config::BreakerRule deaf = rule("deaf", 1, 10s, 5s);
  deaf.accept_retry_after = false;
  TestCircuit longer({deaf, rule("hearing", 1, 10s, 1s)});
  longer.answer(Verdict::answered(503, 6s), at(0s));
  EXPECT_EQ(longer.circuit.rule(), "hearing");
  EXPECT_EQ(longer.circuit.open_until(), at(6s));

  TestCircuit shorter({deaf, rule("hearing", 1, 10s, 1s)});
  shorter.answer(Verdict::answered(503, 4s), at(0s));
  EXPECT_EQ(shorter.circuit.rule(), "deaf");
  EXPECT_EQ(shorter.circuit.open_until(), at(5s));
}

}  // namespace
}  // namespace spillway::pool
