#include "spillway/pool/circuit.hpp"

#include <algorithm>

namespace spillway::pool {
namespace {

// How long a probe in flight is taken to need when someone asks for the earliest time.
constexpr Milliseconds probe_estimate{1'000};

bool counts(const config::BreakerRule& rule, const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::answered: return rule.failure_condition.counts(verdict.status);
    case Verdict::Kind::failed: return rule.failure_condition.counts(verdict.error);
    case Verdict::Kind::abandoned: return false;
  }
  return false;
}

}  // namespace

std::string_view name(CircuitState state) noexcept {
  switch (state) {
    case CircuitState::closed: return "closed";
    case CircuitState::open: return "open";
    case CircuitState::half_open: return "half_open";
  }
  return "";
}

CircuitState Circuit::state(TimePoint now) const noexcept {
  if (state_ != CircuitState::open || now < open_until_) return state_;
  return rules_->rules[tripped_rule_].half_open ? CircuitState::half_open : CircuitState::closed;
}

bool Circuit::admits(TimePoint now) const noexcept {
  switch (state(now)) {
    case CircuitState::closed: return true;
    case CircuitState::half_open: return !probing_;
    case CircuitState::open: return false;
  }
  return false;
}

void Circuit::advance(TimePoint now, std::vector<Transition>& transitions) {
  const CircuitState seen = state(now);
  if (seen == state_) return;
  transitions.push_back({state_, seen, std::string(rule()), {}, {}});
  state_ = seen;
}

bool Circuit::enter(TimePoint now, std::vector<Transition>& transitions) {
  advance(now, transitions);
  if (state_ != CircuitState::half_open) return false;
  probing_ = true;
  return true;
}

void Circuit::settle(const Verdict& verdict, bool probe, TimePoint entered, TimePoint now,
                     std::vector<Transition>& transitions) {
  if (verdict.kind == Verdict::Kind::abandoned) {
    if (probe) probing_ = false;
    return;
  }
  advance(now, transitions);
  if (probe) {
    end_probe(verdict, now, transitions);
  } else if (state_ == CircuitState::closed && entered > opened_at_) {
    count(verdict, now, transitions);
  }
}

bool Circuit::probe_answers(int status, TimePoint now, std::vector<Transition>& transitions) {
  const Verdict verdict = Verdict::answered(status);
  for (const config::BreakerRule& rule : rules_->rules)
    if (counts(rule, verdict)) return false;
  advance(now, transitions);
  probing_ = false;
  close(transitions);
  return true;
}

TimePoint Circuit::admits_at(TimePoint now) const noexcept {
  switch (state(now)) {
    case CircuitState::closed: return now;
    case CircuitState::half_open: return probing_ ? now + probe_estimate : now;
    case CircuitState::open: return open_until_;
  }
  return now;
}

std::string_view Circuit::rule() const noexcept {
  if (state_ == CircuitState::closed) return {};
  return rules_->rules[tripped_rule_].name;
}

void Circuit::count(const Verdict& verdict, TimePoint now, std::vector<Transition>& transitions) {
  Trip trip;
  for (std::size_t rule = 0; rule < rules_->rules.size(); ++rule)
    if (trips(rule, counts(rules_->rules[rule], verdict), now)) consider(trip, rule, verdict);
  if (trip.rule) open(trip, verdict, now, transitions);
}

void Circuit::end_probe(const Verdict& verdict, TimePoint now, std::vector<Transition>& transitions) {
  probing_ = false;
  Trip trip;
  for (std::size_t rule = 0; rule < rules_->rules.size(); ++rule)
    if (counts(rules_->rules[rule], verdict)) consider(trip, rule, verdict);
  if (trip.rule) {
    open(trip, verdict, now, transitions);
  } else {
    close(transitions);
  }
}

bool Circuit::trips(std::size_t rule, bool failed, TimePoint now) {
  const config::FailureCondition& condition = rules_->rules[rule].failure_condition;
  if (condition.count) {
    return failed && windows_[rule].failures.add(now, static_cast<std::size_t>(*condition.count), condition.interval);
  }
  if (!condition.percentage) return false;
  ShareWindow& window = windows_[rule].answers;
  window.add(failed, now, condition.interval);
  return failed && window.answers() >= static_cast<std::uint64_t>(condition.min_requests) &&
         window.failures() * 100 >= window.answers() * static_cast<std::uint64_t>(*condition.percentage);
}

void Circuit::consider(Trip& trip, std::size_t rule, const Verdict& verdict) const {
  const config::BreakerRule& tripped = rules_->rules[rule];
  Milliseconds open_for = tripped.trip_duration;
  if (tripped.accept_retry_after && verdict.retry_after && verdict.retry_after->count() > 0) {
    open_for = std::min(*verdict.retry_after, rules_->max_retry_after);
    trip.cut = trip.cut || open_for < *verdict.retry_after;
  }
  if (trip.rule && open_for <= trip.open_for) return;
  trip.rule = rule;
  trip.open_for = open_for;
}

void Circuit::open(const Trip& trip, const Verdict& verdict, TimePoint now, std::vector<Transition>& transitions) {
  transitions.push_back({state_, CircuitState::open, rules_->rules[*trip.rule].name, trip.open_for,
                         trip.cut ? verdict.retry_after : std::nullopt});
  state_ = CircuitState::open;
  tripped_rule_ = *trip.rule;
  throttled_ = verdict.kind == Verdict::Kind::answered && verdict.status == 429;
  opened_at_ = now;
  open_until_ = now + trip.open_for;
  for (Window& window : windows_) {
    window.failures.clear();
    window.answers.clear();
  }
}

void Circuit::close(std::vector<Transition>& transitions) {
  if (state_ == CircuitState::closed) return;
  transitions.push_back({state_, CircuitState::closed, std::string(rule()), {}, {}});
  state_ = CircuitState::closed;
}

}  // namespace spillway::pool
