#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "backend.hpp"
#include "ledger.hpp"
#include "spillway/pool/pool.hpp"
#include "strategy.hpp"
#include "turns.hpp"

namespace spillway::pool {

struct Member {
  std::shared_ptr<Backend> backend;
  std::shared_ptr<Counters> counters;
};

struct Pool::State {
  State(std::shared_ptr<const config::Config> owner, std::size_t index) : config(std::move(owner)), number(index) {}

  std::shared_ptr<const config::Config> config;
  std::size_t number;  // of the pool in the configuration
  std::shared_ptr<Ledger> ledger;
  std::shared_ptr<const TransitionObserver> observer;
  std::vector<Member> members;  // in the configuration's order
  std::vector<int> weights;
  std::vector<Members> groups;  // by priority, best first, drained members left out
  bool several_priorities = false;
  std::shared_ptr<WaitList> waiting = std::make_shared<WaitList>();
  Turns turns;  // covered by the ledger's lock

  const config::Pool& pool() const { return config->pools[number]; }
  Members undrained() const;

  // The turn of a model, made when there is none yet; null when no member serves it.
  Turn* turn_of(std::string_view model);
  Turn make_turn(std::string_view model) const;
  // Goes on with the turns of an earlier pool with the same members.
  void take_turns(const State& before);

  // The circuit of a member for the turn's model, time-driven changes noted.
  BackendCircuit& circuit(Turn& turn, std::size_t member, TimePoint now, Notices& notices);
  Exhausted exhausted(Turn& turn, const Tried& tried, TimePoint now, Notices& notices);
};

}  // namespace spillway::pool
