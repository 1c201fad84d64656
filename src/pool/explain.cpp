#include "state.hpp"

namespace spillway::pool {

std::string_view name(Standing standing) noexcept {
  switch (standing) {
    case Standing::eligible: return "eligible";
    case Standing::not_served: return "not_served";
    case Standing::drained: return "drained";
    case Standing::no_credential: return "no_credential";
    case Standing::tried: return "tried";
    case Standing::open: return "open";
    case Standing::probing: return "probing";
    case Standing::full: return "full";
    case Standing::bound: return "bound";
  }
  return "";
}

Explained Pool::State::explained(Turn& turn, std::size_t member, TimePoint now) const {
  Explained result;
  result.member = member;
  if (!contains(turn.serving, member)) {
    result.standing = Standing::not_served;
    return result;
  }
  result.deployment = turn.seats[member].deployment;
  const Circuit& circuit = this->circuit(turn, member, now, nullptr).circuit;
  result.circuit = circuit.state(now);
  if (result.circuit != CircuitState::closed) result.rule = circuit.rule();
  if (result.circuit == CircuitState::open)
    result.reopens_in = std::chrono::ceil<Milliseconds>(circuit.open_until() - now);

  if (!contains(undrained(), member))
    result.standing = Standing::drained;
  else if (!members[member].has_credential())
    result.standing = Standing::no_credential;
  else if (!circuit.admits(now))
    result.standing = result.circuit == CircuitState::open ? Standing::open : Standing::probing;
  else if (members[member].backend->places().full())
    result.standing = Standing::full;
  return result;
}

std::vector<Explained> Pool::explain(const Wish& wish, TimePoint now) const {
  const std::lock_guard lock(state_->ledger->mutex);
  // On a copy of all that a pick changes.
  const Turn* known = state_->turns.peek(wish.model);
  Turn turn = known != nullptr ? *known : state_->make_turn(wish.model);
  std::vector<Explained> all;
  Tried before;
  for (Choice choice = state_->choose(turn, wish, before, now, nullptr); choice.member;
       choice = state_->choose(turn, wish, before, now, nullptr)) {
    all.push_back(state_->explained(turn, *choice.member, now));
    before.add(*choice.member);
  }
  for (std::size_t member = 0; member < state_->members.size(); ++member) {
    if (before.contains(member)) continue;
    Explained left_out = state_->explained(turn, member, now);
    if (left_out.standing == Standing::eligible) left_out.standing = Standing::bound;
    all.push_back(std::move(left_out));
  }
  return all;
}

}  // namespace spillway::pool
