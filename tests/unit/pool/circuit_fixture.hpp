#pragma once

#include "fixture.hpp"

namespace spillway::pool {

// A circuit with its rules and what it told.
struct TestCircuit {
  config::CircuitBreaker rules;
  Circuit circuit{&rules};
  std::vector<Transition> transitions;

  explicit TestCircuit(std::vector<config::BreakerRule> list, Milliseconds cap = 2min)
      : rules{std::move(list), cap}, circuit(&rules) {}
  explicit TestCircuit(config::CircuitBreaker breaker = config::CircuitBreaker::defaults())
      : rules(std::move(breaker)), circuit(&rules) {}
  TestCircuit(const TestCircuit&) = delete;
  TestCircuit& operator=(const TestCircuit&) = delete;

  // A request that enters and ends at the same moment.
  void answer(const Verdict& verdict, TimePoint now) {
    ASSERT_TRUE(circuit.admits(now));
    const bool probe = circuit.enter(now, transitions);
    circuit.settle(verdict, probe, now, now, transitions);
  }
  void fail(TimePoint now) { answer(Verdict::answered(500), now); }
  CircuitState state(TimePoint now) const { return circuit.state(now); }
};

}  // namespace spillway::pool
