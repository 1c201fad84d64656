#include <algorithm>
#include <utility>

#include "state.hpp"

namespace spillway::pool {

bool Pool::ready(TimePoint now) const {
  const std::lock_guard lock(state_->ledger->mutex);
  bool some = false;
  each(state_->undrained(), [&](std::size_t member) {
    bool used = false;
    bool passable = false;
    state_->members[member].backend->each_used([&](const BackendCircuit& circuit) {
      used = true;
      passable = passable || circuit.circuit.state(now) != CircuitState::open;
    });
    some = some || (state_->members[member].has_credential() && (!used || passable));
  });
  return some;
}

PoolStatus Pool::status(TimePoint now) const {
  const config::Pool& written = state_->pool();
  PoolStatus status{written.name, written.strategy, {}};
  status.members.resize(written.members.size());
  Notices notices;
  {
    const std::lock_guard lock(state_->ledger->mutex);
    for (std::size_t number = 0; number < written.members.size(); ++number) {
      const config::Backend& backend = state_->config->backends[written.members[number].backend];
      const Counters& counters = *state_->members[number].counters;
      MemberStatus& member = status.members[number];
      member.backend = backend.name;
      member.region = backend.region;
      member.kind = backend.kind;
      member.priority = written.members[number].priority;
      member.weight = written.members[number].weight;
      member.has_credential = state_->members[number].has_credential();
      member.in_flight = counters.in_flight;
      member.requests = counters.requests;
      member.failures = counters.failures;
      member.throttled = counters.throttled;
      member.ttfb_ms = counters.ttfb_ms;
      member.circuits = circuit_status(*state_->members[number].backend, now, notices);
    }
  }
  notices.deliver(*state_->observer);
  return status;
}

std::vector<Fleet::BackendStatus> Fleet::backends(TimePoint now) const {
  std::vector<BackendStatus> all(backends_.size());
  Notices notices;
  {
    const std::lock_guard lock(ledger_->mutex);
    for (std::size_t number = 0; number < all.size(); ++number) {
      all[number].backend = backends_[number]->name();
      all[number].in_flight = backends_[number]->places().in_flight;
      all[number].circuits = circuit_status(*backends_[number], now, notices);
    }
  }
  notices.deliver(*observer_);
  return all;
}

}  // namespace spillway::pool
