#include "ledger.hpp"

#include <algorithm>
#include <utility>

namespace spillway::pool {

void Counters::count(const Verdict& verdict) noexcept {
  ++requests;
  if (verdict.kind == Verdict::Kind::failed) ++failures;
  if (verdict.kind != Verdict::Kind::answered) return;
  if (verdict.status >= 500 || verdict.status == 408) ++failures;
  if (verdict.status == 429) ++throttled;
  if (verdict.status >= 200 && verdict.status < 400 && verdict.first_byte) {
    const double sample = std::chrono::duration<double, std::milli>(*verdict.first_byte).count();
    constexpr double share_of_newest = 0.125;
    ttfb_ms = ttfb_ms ? *ttfb_ms + share_of_newest * (sample - *ttfb_ms) : sample;
  }
}

void Notices::add(std::string_view backend, std::string_view deployment, std::vector<Transition>& transitions) {
  for (Transition& transition : transitions) changes_.push_back({backend, deployment, std::move(transition)});
  transitions.clear();
}

void Notices::wake(Places& places) {
  for (const std::weak_ptr<WaitList>& waiting : places.waiting)
    if (const std::shared_ptr<WaitList> list = waiting.lock()) list->take(waiters_);
}

void Notices::deliver(const TransitionObserver& observer) {
  if (observer)
    for (const Change& change : changes_) observer(change.backend, change.deployment, change.transition);
  for (const std::shared_ptr<Waiter>& waiter : waiters_) waiter->wake();
}

}  // namespace spillway::pool
