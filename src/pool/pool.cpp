#include "spillway/pool/pool.hpp"

#include <algorithm>
#include <utility>

#include "state.hpp"

namespace spillway::pool {

Pool::Pool(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pool::~Pool() = default;

PickResult Pool::pick(const Wish& wish, const Tried& tried, TimePoint now) {
  Notices notices;
  std::unique_lock lock(state_->ledger->mutex);
  PickResult result = pick_locked(wish, tried, now, notices);
  lock.unlock();
  if (!notices.empty()) notices.deliver(*state_->observer);
  return result;
}

PickResult Pool::pick_locked(const Wish& wish, const Tried& tried, TimePoint now, Notices& notices) {
  Turn* turn = state_->turn_of(wish.model);
  if (turn == nullptr) return NotServed{};
  const Choice choice = state_->choose(*turn, wish, tried, now, &notices);
  if (choice.member) return take(wish, *turn, *choice.member, now, notices);
  const Members asked = choice.bound.value_or(state_->undrained() & turn->serving);
  Exhausted none = state_->exhausted(*turn, asked, tried, now, notices);
  none.owner_unavailable = choice.bound.has_value();
  return none;
}

Picked Pool::take(const Wish& wish, Turn& turn, std::size_t member, TimePoint now, Notices& notices) {
  const Seat& seat = turn.seats[member];
  const Member& taken = state_->members[member];
  std::vector<Transition> transitions;
  Picked picked;
  picked.member = member;
  picked.backend = state_->pool().members[member].backend;
  picked.deployment = seat.deployment;
  picked.lease.pool_ = shared_from_this();
  picked.lease.circuit_ = seat.circuit;
  picked.lease.member_ = member;
  picked.lease.entered_ = now;
  picked.lease.probe_ = seat.circuit->circuit.enter(now, transitions);
  if (!turn.lasting && wish.model.size() <= longest_learned_name) picked.lease.model_ = wish.model;
  if (seat.circuit->shared && seat.deployment.size() <= longest_learned_name)
    picked.lease.deployment_ = seat.deployment;
  picked.circuit = picked.lease.probe_ ? CircuitState::half_open : CircuitState::closed;
  notices.add(taken.backend->name(), seat.circuit->label, transitions);
  seat.circuit->used = true;
  ++taken.backend->places().in_flight;
  ++taken.counters->in_flight;
  if (state_->pool().strategy == config::Strategy::least_latency) {
    picked.lease.lane_ = &seat.circuit->lanes[wish.stream ? 1 : 0];
    picked.lease.lane_->enter(now);
  }
  return picked;
}

std::optional<std::size_t> Pool::member_of(std::size_t backend) const noexcept {
  const std::vector<config::Member>& members = state_->pool().members;
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const config::Member& member) { return member.backend == backend; });
  if (found == members.end()) return std::nullopt;
  return static_cast<std::size_t>(found - members.begin());
}

bool Pool::serves(std::string_view model) const {
  return std::any_of(state_->members.begin(), state_->members.end(),
                     [&](const Member& member) { return member.backend->deployment(model).has_value(); });
}

bool Pool::maps_models() const noexcept {
  return std::any_of(state_->members.begin(), state_->members.end(),
                     [](const Member& member) { return member.backend->renames(); });
}

void Pool::wake_on_change(std::weak_ptr<Waiter> waiter) {
  const std::lock_guard lock(state_->ledger->mutex);
  state_->waiting->add(std::move(waiter));
}

const config::Pool& Pool::config() const noexcept {
  return state_->pool();
}

std::string_view Pool::strategy_label() const noexcept {
  return state_->several_priorities ? "priority" : name(state_->pool().strategy);
}

}  // namespace spillway::pool
