#include "circuit_fixture.hpp"

namespace spillway::pool {
namespace {

TEST(Circuit, IsClosedAtFirstAndAdmits) {
  TestCircuit test;
  EXPECT_EQ(test.state(at(0s)), CircuitState::closed);
  EXPECT_TRUE(test.circuit.admits(at(0s)));
  EXPECT_EQ(test.circuit.admits_at(at(0s)), at(0s));
  EXPECT_EQ(test.circuit.rule(), "");
}

TEST(Circuit, OpensAfterThreeFailuresInsideTheInterval) {
  TestCircuit test;
  test.fail(at(0s));
  test.fail(at(5s));
  EXPECT_EQ(test.state(at(5s)), CircuitState::closed);
  test.fail(at(9'999ms));
  EXPECT_EQ(test.state(at(9'999ms)), CircuitState::open);
  ASSERT_EQ(test.transitions.size(), 1U);
  EXPECT_EQ(test.transitions[0].from, CircuitState::closed);
  EXPECT_EQ(test.transitions[0].to, CircuitState::open);
  EXPECT_EQ(test.transitions[0].rule, "failing");
  EXPECT_EQ(test.transitions[0].open_for, 1min);
  EXPECT_FALSE(test.transitions[0].retry_after);
  EXPECT_FALSE(test.circuit.throttled());
}

TEST(Circuit, StaysClosedWhenTheFirstOfThreeFailuresIsExactlyTheIntervalOld) {
  TestCircuit test;
  test.fail(at(0s));
  test.fail(at(5s));
  test.fail(at(10s));
  EXPECT_EQ(test.state(at(10s)), CircuitState::closed);
  test.fail(at(14'999ms));
  EXPECT_EQ(test.state(at(15s)), CircuitState::open);
}

TEST(Circuit, IsNotHealedByASuccessBetweenFailures) {
  TestCircuit test;
  test.fail(at(0s));
  test.answer(ok(), at(1s));
  test.fail(at(2s));
  test.answer(ok(), at(3s));
  test.fail(at(4s));
  EXPECT_EQ(test.state(at(4s)), CircuitState::open);
}

TEST(Circuit, OpensAtOneThrottledAnswerForTheTimeOfItsRule) {
  TestCircuit test;
  test.answer(throttled(), at(0s));
  EXPECT_EQ(test.circuit.rule(), "throttled");
  EXPECT_TRUE(test.circuit.throttled());
  EXPECT_EQ(test.state(at(9'999ms)), CircuitState::open);
  EXPECT_EQ(test.state(at(10s)), CircuitState::closed);
  EXPECT_EQ(test.circuit.admits_at(at(1s)), at(10s));
  EXPECT_EQ(test.circuit.open_until(), at(10s));
}

TEST(Circuit, CountsRangesAtBothEnds) {
  for (const int status : {500, 503, 599}) {
    TestCircuit test({rule("r", 1, 10s, 1s)});
    test.answer(Verdict::answered(status), at(0s));
    EXPECT_EQ(test.state(at(0s)), CircuitState::open) << status;
  }
  for (const int status : {200, 499}) {
    TestCircuit test({rule("r", 1, 10s, 1s)});
    test.answer(Verdict::answered(status), at(0s));
    EXPECT_EQ(test.state(at(0s)), CircuitState::closed) << status;
  }
}

TEST(Circuit, CountsA404WhenARuleNamesIt) {
  TestCircuit test({rule("r", 1, 10s, 1s, 400, 499)});
  test.answer(Verdict::answered(404), at(0s));
  EXPECT_EQ(test.state(at(0s)), CircuitState::open);
}

TEST(Circuit, DoesNotCountWhatTheDefaultsLeaveOut) {
  TestCircuit test;
  for (const int status : {200, 201, 304, 400, 401, 403, 404, 413, 415, 422})
    for (int i = 0; i < 20; ++i) test.answer(Verdict::answered(status), at(0s));
  EXPECT_EQ(test.state(at(0s)), CircuitState::closed);
  EXPECT_TRUE(test.transitions.empty());
}

TEST(Circuit, CountsA408AsAFailure) {
  TestCircuit test;
  for (int i = 0; i < 3; ++i) test.answer(Verdict::answered(408), at(0s));
  EXPECT_EQ(test.state(at(0s)), CircuitState::open);
}

TEST(Circuit, CountsOnlyTheKindsOfErrorTheRuleNames) {
  for (const ErrorKind named :
       {ErrorKind::connect, ErrorKind::tls, ErrorKind::timeout, ErrorKind::reset, ErrorKind::invalid_response}) {
    TestCircuit test({rule("r", 2, 10s, 1s)});
    test.rules.rules[0].failure_condition.error_reasons[static_cast<std::size_t>(named)] = true;
    for (int other = 0; other < error_kind_count; ++other)
      if (other != static_cast<int>(named)) test.answer(Verdict::failed(static_cast<ErrorKind>(other)), at(0s));
    EXPECT_EQ(test.state(at(0s)), CircuitState::closed);
    test.answer(Verdict::failed(named), at(0s));
    test.answer(Verdict::failed(named), at(1s));
    EXPECT_EQ(test.state(at(1s)), CircuitState::open);
    EXPECT_FALSE(test.circuit.throttled());
  }
}

TEST(Circuit, MixesStatusesAndErrorsInOneRule) {
  TestCircuit test;
  test.answer(Verdict::failed(ErrorKind::connect), at(0s));
  test.answer(Verdict::answered(503), at(1s));
  test.answer(Verdict::failed(ErrorKind::reset), at(2s));
  EXPECT_EQ(test.state(at(2s)), CircuitState::open);
}

TEST(Circuit, NeverCountsAnAbandonedRequest) {
  TestCircuit test({rule("r", 1, 10s, 1s, 200, 599)});
  for (int i = 0; i < 10; ++i) test.answer(Verdict::abandoned(), at(0s));
  EXPECT_EQ(test.state(at(0s)), CircuitState::closed);
}

TEST(Circuit, CountsItsRulesSideBySide) {
  TestCircuit test({rule("slow", 3, 10s, 1s), rule("busy", 2, 10s, 5s, 429, 429)});
  test.fail(at(0s));
  test.answer(throttled(), at(0s));
  test.fail(at(1s));
  EXPECT_EQ(test.state(at(1s)), CircuitState::closed);
  test.answer(throttled(), at(1s));
  EXPECT_EQ(test.circuit.rule(), "busy");
}

TEST(Circuit, OpensForTheLongestTimeWhenSeveralRulesTripTogether) {
  TestCircuit test({rule("short", 1, 10s, 1s), rule("long", 1, 10s, 7s), rule("middle", 1, 10s, 3s)});
  test.fail(at(0s));
  EXPECT_EQ(test.circuit.rule(), "long");
  EXPECT_EQ(test.circuit.open_until(), at(7s));
  EXPECT_EQ(test.transitions.size(), 1U);
}

TEST(Circuit, NamesTheFirstListedOfRulesThatTripForTheSameTime) {
  TestCircuit test({rule("first", 1, 10s, 2s), rule("second", 1, 10s, 2s)});
  test.fail(at(0s));
  EXPECT_EQ(test.circuit.rule(), "first");
}

TEST(Circuit, DoesNotTripAgainOnFailuresFromBeforeTheTrip) {
  TestCircuit test({rule("r", 3, 1min, 1s)});
  for (int i = 0; i < 3; ++i) test.fail(at(0s));
  ASSERT_EQ(test.state(at(1s)), CircuitState::closed);
  test.fail(at(1s));
  test.fail(at(2s));
  EXPECT_EQ(test.state(at(2s)), CircuitState::closed);
  test.fail(at(3s));
  EXPECT_EQ(test.state(at(3s)), CircuitState::open);
}

TEST(Circuit, ClearsTheWindowsOfTheOtherRulesWithATrip) {
  TestCircuit test({rule("failing", 2, 1min, 1s), rule("throttled", 1, 1min, 1s, 429, 429)});
  test.fail(at(0s));
  test.answer(throttled(), at(1s));
  test.fail(at(2s));
  EXPECT_EQ(test.state(at(2s)), CircuitState::closed);
}

TEST(Circuit, WithoutRulesNeverOpens) {
  TestCircuit test(std::vector<config::BreakerRule>{});
  for (int i = 0; i < 100; ++i) test.fail(at(0s));
  EXPECT_EQ(test.state(at(0s)), CircuitState::closed);
}

}  // namespace
}  // namespace spillway::pool
