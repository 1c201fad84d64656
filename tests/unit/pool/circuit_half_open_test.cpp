#include "circuit_fixture.hpp"

namespace spillway::pool {
namespace {

// Open since `at(0s)`, half-open from `at(1s)`.
struct HalfOpen : ::testing::Test {
  HalfOpen() {
    test.rules.rules[0].half_open = true;
    test.fail(at(0s));
    test.transitions.clear();
  }
  TestCircuit test{{rule("failing", 1, 10s, 1s), rule("throttled", 1, 10s, 10s, 429, 429)}};
  std::vector<Transition>& transitions = test.transitions;
  Circuit& circuit = test.circuit;
};

TEST_F(HalfOpen, AdmitsNothingUntilTheMillisecondItsTimeIsOver) {
  EXPECT_FALSE(circuit.admits(at(999ms)));
  EXPECT_TRUE(circuit.admits(at(1s)));
  EXPECT_EQ(circuit.state(at(1s)), CircuitState::half_open);
}

TEST_F(HalfOpen, IsNotedWhenFirstSeen) {
  circuit.advance(at(999ms), transitions);
  EXPECT_TRUE(transitions.empty());
  circuit.advance(at(1s), transitions);
  circuit.advance(at(2s), transitions);
  ASSERT_EQ(transitions.size(), 1U);
  EXPECT_EQ(transitions[0].from, CircuitState::open);
  EXPECT_EQ(transitions[0].to, CircuitState::half_open);
  EXPECT_EQ(transitions[0].rule, "failing");
  EXPECT_EQ(circuit.rule(), "failing");
}

TEST_F(HalfOpen, S11AdmitsOneProbeAtATime) {
  EXPECT_TRUE(circuit.enter(at(1s), transitions));
  EXPECT_FALSE(circuit.admits(at(1s)));
  EXPECT_FALSE(circuit.admits(at(1h)));
  EXPECT_EQ(circuit.admits_at(at(5s)), at(6s));
}

TEST_F(HalfOpen, S11ClosesAfterASuccessfulProbe) {
  circuit.enter(at(1s), transitions);
  circuit.settle(ok(), true, at(1s), at(2s), transitions);
  EXPECT_EQ(circuit.state(at(2s)), CircuitState::closed);
  EXPECT_EQ(circuit.rule(), "");
  ASSERT_EQ(transitions.size(), 2U);
  EXPECT_EQ(transitions[1].from, CircuitState::half_open);
  EXPECT_EQ(transitions[1].to, CircuitState::closed);
  EXPECT_EQ(transitions[1].rule, "failing");
}

TEST_F(HalfOpen, ClosesAfterAProbeAnsweredWithSomethingNoRuleCounts) {
  circuit.enter(at(1s), transitions);
  circuit.settle(Verdict::answered(404), true, at(1s), at(2s), transitions);
  EXPECT_EQ(circuit.state(at(2s)), CircuitState::closed);
}

TEST_F(HalfOpen, OpensAgainForTheRulesTimeAfterAFailedProbe) {
  circuit.enter(at(1s), transitions);
  circuit.settle(Verdict::answered(500), true, at(1s), at(1'500ms), transitions);
  EXPECT_EQ(circuit.state(at(2'499ms)), CircuitState::open);
  EXPECT_EQ(circuit.state(at(2'500ms)), CircuitState::half_open);
  EXPECT_EQ(transitions.back().from, CircuitState::half_open);
  EXPECT_EQ(transitions.back().to, CircuitState::open);
  EXPECT_EQ(transitions.back().open_for, 1s);
  EXPECT_TRUE(circuit.enter(at(3s), transitions));
}

TEST_F(HalfOpen, OpensAgainAtOneFailureWhateverTheRulesCount) {
  TestCircuit three;
  for (int i = 0; i < 3; ++i) three.fail(at(0s));
  ASSERT_EQ(three.state(at(1min)), CircuitState::half_open);
  three.answer(Verdict::failed(ErrorKind::timeout), at(1min));
  EXPECT_EQ(three.state(at(1min)), CircuitState::open);
  EXPECT_EQ(three.circuit.open_until(), at(2min));
}

TEST_F(HalfOpen, OpensAgainForWhatTheProbesAnswerAsks) {
  circuit.enter(at(1s), transitions);
  circuit.settle(Verdict::answered(503, 30s), true, at(1s), at(1s), transitions);
  EXPECT_EQ(circuit.open_until(), at(31s));
}

TEST_F(HalfOpen, OpensByTheRuleThatCountsTheProbesAnswer) {
  circuit.enter(at(1s), transitions);
  circuit.settle(throttled(), true, at(1s), at(1s), transitions);
  EXPECT_EQ(circuit.rule(), "throttled");
  EXPECT_TRUE(circuit.throttled());
  EXPECT_EQ(circuit.state(at(11s)), CircuitState::closed);
}

TEST_F(HalfOpen, S11FreesThePlaceOfAnAbandonedProbe) {
  circuit.enter(at(1s), transitions);
  circuit.settle(Verdict::abandoned(), true, at(1s), at(1s), transitions);
  EXPECT_EQ(circuit.state(at(1s)), CircuitState::half_open);
  EXPECT_TRUE(circuit.admits(at(1s)));
  EXPECT_TRUE(circuit.enter(at(1s), transitions));
}

TEST_F(HalfOpen, IsNotDecidedByRequestsFromBeforeTheTrip) {
  circuit.enter(at(1s), transitions);
  circuit.settle(ok(), false, at(-5s), at(2s), transitions);
  EXPECT_EQ(circuit.state(at(2s)), CircuitState::half_open);
  circuit.settle(Verdict::answered(500), false, at(-5s), at(2s), transitions);
  EXPECT_EQ(circuit.state(at(2s)), CircuitState::half_open);
  EXPECT_FALSE(circuit.admits(at(2s)));
}

TEST_F(HalfOpen, ClosesAlreadyWhenTheProbesAnswerBegins) {
  circuit.enter(at(1s), transitions);
  EXPECT_TRUE(circuit.probe_answers(200, at(2s), transitions));
  EXPECT_EQ(circuit.state(at(2s)), CircuitState::closed);
  circuit.settle(Verdict::failed(ErrorKind::reset), false, at(1s), at(3s), transitions);
  EXPECT_EQ(circuit.state(at(3s)), CircuitState::closed) << "this rule counts no resets";
  circuit.settle(Verdict::answered(500), false, at(2s), at(3s), transitions);
  EXPECT_EQ(circuit.state(at(3s)), CircuitState::open);
}

TEST_F(HalfOpen, WaitsForTheEndOfAProbeWhoseAnswerBeginsBadly) {
  circuit.enter(at(1s), transitions);
  EXPECT_FALSE(circuit.probe_answers(503, at(2s), transitions));
  EXPECT_FALSE(circuit.admits(at(2s)));
}

TEST(Circuit, IgnoresResultsOfEarlierRequestsWhileOpen) {
  TestCircuit test({rule("r", 1, 10s, 1s)});
  test.fail(at(0s));
  test.circuit.settle(Verdict::answered(500, 1min), false, at(0s), at(500ms), test.transitions);
  test.circuit.settle(ok(), false, at(0s), at(600ms), test.transitions);
  EXPECT_EQ(test.circuit.open_until(), at(1s));
  EXPECT_EQ(test.state(at(999ms)), CircuitState::open);
  EXPECT_EQ(test.transitions.size(), 1U);
}

TEST(Circuit, IgnoresResultsFromBeforeTheTripAfterItHasClosedAgain) {
  TestCircuit test({rule("r", 1, 10s, 1s)});
  test.fail(at(0s));
  test.circuit.settle(Verdict::answered(500), false, at(0s), at(2s), test.transitions);
  EXPECT_EQ(test.state(at(2s)), CircuitState::closed);
  test.circuit.settle(Verdict::answered(500), false, at(1s), at(2s), test.transitions);
  EXPECT_EQ(test.state(at(2s)), CircuitState::open);
}

TEST(Circuit, ClosesByItselfWithoutHalfOpen) {
  TestCircuit test;
  test.answer(throttled(), at(0s));
  test.transitions.clear();
  EXPECT_FALSE(test.circuit.enter(at(10s), test.transitions));
  ASSERT_EQ(test.transitions.size(), 1U);
  EXPECT_EQ(test.transitions[0].from, CircuitState::open);
  EXPECT_EQ(test.transitions[0].to, CircuitState::closed);
  EXPECT_EQ(test.transitions[0].rule, "throttled");
  EXPECT_TRUE(test.circuit.closed());
}

TEST(Circuit, HasItsStatesNamesEverywhere) {
  EXPECT_EQ(name(CircuitState::closed), "closed");
  EXPECT_EQ(name(CircuitState::open), "open");
  EXPECT_EQ(name(CircuitState::half_open), "half_open");
}

}  // namespace
}  // namespace spillway::pool
