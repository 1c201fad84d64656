#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "affinity.hpp"
#include "backend.hpp"
#include "ledger.hpp"
#include "spillway/pool/pool.hpp"
#include "strategy.hpp"
#include "turns.hpp"

namespace spillway::pool {

struct Member {
  std::shared_ptr<Backend> backend;
  std::shared_ptr<Counters> counters;
  HasCredential credential;

  bool has_credential() const noexcept { return !credential || credential->load(std::memory_order_relaxed); }
};

// Who gets a request.
struct Choice {
  std::optional<std::size_t> member;  // none: nobody can take it now
  // The request was bound to this one member, or, when empty, to one that can never take it: the others were not asked.
  std::optional<Members> bound;
};

struct Pool::State {
  State(std::shared_ptr<const config::Config> owner, std::size_t index) : config(std::move(owner)), number(index) {}

  std::shared_ptr<const config::Config> config;
  std::size_t number;  // of the pool in the configuration
  std::shared_ptr<Ledger> ledger;
  std::shared_ptr<const TransitionObserver> observer;
  std::vector<Member> members;  // in the configuration's order
  std::vector<int> weights;
  std::vector<std::uint64_t> names;  // `hash_of_name` of each member's backend
  std::vector<Members> groups;       // by priority, best first, drained members left out
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

  // The circuit of a member for the turn's model. Time-driven changes are noted, unless `notices` is null.
  BackendCircuit& circuit(Turn& turn, std::size_t member, TimePoint now, Notices* notices) const;

  // Who of `among`, which all serve the model and are not drained, may take a request.
  Members eligible(Turn& turn, Members among, const Tried& tried, TimePoint now, Notices* notices) const;

  // Affinity, priority and strategy. Changes the turn and, unless `notices` is null, circuits whose time is over.
  Choice choose(Turn& turn, const Wish& wish, const Tried& tried, TimePoint now, Notices* notices) const;

  // How a member stands, as if nobody had been tried.
  Explained explained(Turn& turn, std::size_t member, TimePoint now) const;

  // `among`: the members that were asked.
  Exhausted exhausted(Turn& turn, Members among, const Tried& tried, TimePoint now, Notices& notices) const;

 private:
  Choice choose_bound(Turn& turn, std::size_t member, const Tried& tried, TimePoint now, Notices* notices) const;
  std::size_t choose_by_strategy(Turn& turn, const Wish& wish, const Tried& tried, Members able, TimePoint now) const;
  std::size_t first_by_prompt(Turn& turn, const Wish& wish, Members serving, Members among, TimePoint now) const;
  Rendezvous rendezvous() const noexcept { return {weights, names}; }
};

}  // namespace spillway::pool
