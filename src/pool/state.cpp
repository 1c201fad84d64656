#include "state.hpp"

#include <algorithm>
#include <utility>

namespace spillway::pool {
namespace {

// What is told as the earliest time when nothing in sight makes a pick possible.
constexpr Milliseconds unknown_wait{1'000};

}  // namespace

Members Pool::State::undrained() const {
  Members all = 0;
  for (const Members group : groups) all |= group;
  return all;
}

Turn* Pool::State::turn_of(std::string_view model) {
  if (Turn* known = turns.find(model)) return known;
  Turn made = make_turn(model);
  return made.serving == 0 ? nullptr : &turns.keep(model, std::move(made));
}

Turn Pool::State::make_turn(std::string_view model) const {
  Turn turn;
  turn.lasting = model.empty();
  turn.seats.resize(members.size());
  for (std::size_t member = 0; member < members.size(); ++member) {
    Backend& backend = *members[member].backend;
    const std::optional<std::string_view> deployment = backend.deployment(model);
    if (!deployment) continue;
    turn.serving |= only(member);
    turn.lasting = turn.lasting || backend.names(model);
    turn.seats[member] = {std::string(*deployment), &backend.circuit(*deployment), backend.learned()};
  }
  return turn;
}

void Pool::State::take_turns(const State& before) {
  before.turns.each_turn([&](const std::string& model, const Turn& old) {
    Turn turn = make_turn(model);
    if (turn.serving == 0) return;
    turn.memory = old.memory;
    turn.prompts = old.prompts;
    turns.keep(model, std::move(turn));
    if (old.lasting) turns.confirm(model);
  });
}

BackendCircuit& Pool::State::circuit(Turn& turn, std::size_t member, TimePoint now, Notices* notices) const {
  Seat& seat = turn.seats[member];
  if (seat.circuit->shared && seat.learned != members[member].backend->learned()) {
    Backend& backend = *members[member].backend;
    seat.circuit = &backend.circuit(seat.deployment);
    seat.learned = backend.learned();
  }
  if (notices != nullptr && !seat.circuit->circuit.closed()) {
    std::vector<Transition> transitions;
    seat.circuit->circuit.advance(now, transitions);
    notices->add(members[member].backend->name(), seat.circuit->label, transitions);
  }
  return *seat.circuit;
}

Exhausted Pool::State::exhausted(Turn& turn, Members among, const Tried& tried, TimePoint now, Notices& notices) const {
  Exhausted result;
  result.earliest = among == 0 ? now + unknown_wait : TimePoint::max();
  result.all_throttled = among != 0;
  each(among, [&](std::size_t member) {
    if (!members[member].has_credential()) {
      result.all_throttled = false;
      result.earliest = spillway::earliest(result.earliest, now + unknown_wait);
      return;
    }
    const Circuit& circuit = this->circuit(turn, member, now, &notices).circuit;
    const bool throttled = tried.contains(member) ? spillway::pool::contains(tried.throttled, member)
                                                  : !circuit.closed() && circuit.throttled();
    result.all_throttled = result.all_throttled && throttled;
    result.full = result.full || (!tried.contains(member) && circuit.admits(now));
    result.earliest = spillway::earliest(result.earliest, circuit.admits_at(now));
  });
  return result;
}

}  // namespace spillway::pool
