#include "schedule.hpp"

#include <algorithm>

namespace spillway::lab {

Schedule::Schedule(const LoadPlan& plan) : plan_(plan) {
  if (plan_.rate > 0) return;
  for (std::uint32_t i = 0; i < plan_.in_flight; ++i) ready_.push(Duration{0});
}

Schedule::Step Schedule::next(Duration now) {
  if (stopped_ || (plan_.requests != 0 && sent_ == plan_.requests)) return {};
  return plan_.rate > 0 ? next_of_rate(now) : next_of_callers(now);
}

void Schedule::answered(Duration now) {
  --in_flight_;
  if (plan_.rate <= 0) ready_.push(now + plan_.delay);
}

Schedule::Step Schedule::next_of_rate(Duration now) {
  // From the number, not from the last one: small errors do not add up.
  const std::chrono::duration<double> exact(static_cast<double>(sent_) / plan_.rate);
  const auto due = std::chrono::duration_cast<Duration>(exact);
  if (plan_.lasts.count() != 0 && due >= plan_.lasts) return {};
  if (due > now) return {Todo::wait, due};
  if (in_flight_ < plan_.in_flight) return send(due);
  if (!holding_) ++held_back_;
  holding_ = true;
  return {Todo::wait_for_answer, {}};
}

Schedule::Step Schedule::next_of_callers(Duration now) {
  // Whoever is answered later is ready later, too.
  const Duration soonest = ready_.empty() ? now : std::max(now, ready_.front());
  if (plan_.lasts.count() != 0 && soonest >= plan_.lasts) return {};
  if (ready_.empty()) return {Todo::wait_for_answer, {}};
  const Duration ready = ready_.front();
  if (ready > now) return {Todo::wait, ready};
  ready_.pop();
  return send(now);
}

Schedule::Step Schedule::send(Duration due) {
  ++sent_;
  ++in_flight_;
  holding_ = false;
  return {Todo::send, due};
}

}  // namespace spillway::lab
