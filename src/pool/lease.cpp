#include <algorithm>
#include <utility>

#include "state.hpp"

namespace spillway::pool {

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    Lease mine(std::move(*this));
    pool_ = std::move(other.pool_);
    circuit_ = other.circuit_;
    member_ = other.member_;
    probe_ = other.probe_;
    entered_ = other.entered_;
    lane_ = other.lane_;
    waits_ = other.waits_;
    model_ = std::move(other.model_);
    deployment_ = std::move(other.deployment_);
  }
  return *this;
}

Lease::~Lease() {
  settle(Verdict::abandoned(), entered_);
}

void Lease::answer_begins(int status, TimePoint now) {
  if (!pool_ || (!probe_ && !lane_ && model_.empty() && deployment_.empty())) return;
  const Pool::State& state = *pool_->state_;
  Backend& backend = *state.members[member_].backend;
  Notices notices;
  {
    const std::lock_guard lock(state.ledger->mutex);
    std::vector<Transition> transitions;
    if (probe_ && circuit_->circuit.probe_answers(status, now, transitions)) {
      probe_ = false;
      notices.wake(backend.places());
    }
    notices.add(backend.name(), circuit_->label, transitions);
    if (lane_ != nullptr && waits_) {
      lane_->leave(Verdict::answered(status), entered_, now);
      waits_ = false;
      if (status >= 400) lane_ = nullptr;
    }
    learn(status, *pool_);
  }
  notices.deliver(*state.observer);
}

void Lease::settle(const Verdict& verdict, TimePoint now) {
  if (!pool_) return;
  const std::shared_ptr<Pool> pool = std::move(pool_);
  const Pool::State& state = *pool->state_;
  const Member& member = state.members[member_];
  Notices notices;
  {
    const std::lock_guard lock(state.ledger->mutex);
    Places& places = member.backend->places();
    const bool was_full = places.full();
    --places.in_flight;
    --member.counters->in_flight;
    member.counters->count(verdict);
    if (lane_ != nullptr && waits_)
      lane_->leave(verdict, entered_, now);
    else if (lane_ != nullptr && verdict.kind == Verdict::Kind::failed)
      lane_->break_off(now);

    std::vector<Transition> transitions;
    circuit_->circuit.settle(verdict, probe_, entered_, now, transitions);
    const bool freed = was_full && !places.full();
    const bool admits_again = (probe_ || !transitions.empty()) && circuit_->circuit.admits(now);
    if (freed || admits_again) notices.wake(places);
    notices.add(member.backend->name(), circuit_->label, transitions);
    if (verdict.kind == Verdict::Kind::answered) learn(verdict.status, *pool);
  }
  if (!notices.empty()) notices.deliver(*state.observer);
}

void Lease::learn(int status, const Pool& pool) {
  if (status < 200 || status > 299) return;
  Pool::State& state = *pool.state_;
  if (!deployment_.empty()) state.members[member_].backend->learn(deployment_);
  if (!model_.empty()) state.turns.confirm(model_);
  deployment_.clear();
  model_.clear();
}

}  // namespace spillway::pool
