#include "wait_list.hpp"

#include <algorithm>
#include <utility>

namespace spillway::pool {

void WaitList::add(std::weak_ptr<Waiter> waiter) {
  if (waiters_.size() >= prune_at_) {
    prune();
    prune_at_ = std::max(smallest_prune, 2 * waiters_.size());
  }
  waiters_.push_back(std::move(waiter));
}

void WaitList::take(std::vector<std::shared_ptr<Waiter>>& out) {
  for (const std::weak_ptr<Waiter>& waiter : waiters_)
    if (std::shared_ptr<Waiter> living = waiter.lock()) out.push_back(std::move(living));
  waiters_.clear();
  prune_at_ = smallest_prune;
}

void WaitList::prune() {
  std::erase_if(waiters_, [](const std::weak_ptr<Waiter>& waiter) { return waiter.expired(); });
  std::sort(waiters_.begin(), waiters_.end(), std::owner_less<std::weak_ptr<Waiter>>());
  const auto same = [](const std::weak_ptr<Waiter>& a, const std::weak_ptr<Waiter>& b) {
    return !a.owner_before(b) && !b.owner_before(a);
  };
  waiters_.erase(std::unique(waiters_.begin(), waiters_.end(), same), waiters_.end());
}

}  // namespace spillway::pool
