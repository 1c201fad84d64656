#include "round_robin.hpp"

#include <algorithm>

namespace spillway::pool {

std::size_t RoundRobin::next(Members eligible, std::span<const int> weights) {
  if (std::has_single_bit(eligible)) return static_cast<std::size_t>(std::countr_zero(eligible));
  ++calls_;
  Cycle& turning = cycle(eligible);
  turning.used = calls_;
  return turning.next(eligible, weights);
}

std::size_t RoundRobin::Cycle::next(Members eligible, std::span<const int> weights) {
  std::int32_t total = 0;
  std::size_t richest = max_members;
  each(eligible, [&](std::size_t member) {
    credit[member] += weights[member];
    total += weights[member];
    if (richest == max_members || credit[member] > credit[richest]) richest = member;
  });
  credit[richest] -= total;
  return richest;
}

RoundRobin::Cycle& RoundRobin::cycle(Members eligible) {
  if (current_ < cycles_.size() && cycles_[current_].members == eligible) return cycles_[current_];
  const auto known =
      std::find_if(cycles_.begin(), cycles_.end(), [&](const Cycle& cycle) { return cycle.members == eligible; });
  if (known != cycles_.end()) {
    current_ = static_cast<std::size_t>(known - cycles_.begin());
    return *known;
  }
  if (cycles_.size() < max_cycles) {
    current_ = cycles_.size();
    return cycles_.emplace_back(Cycle{eligible});
  }
  const auto oldest =
      std::min_element(cycles_.begin(), cycles_.end(), [](const Cycle& a, const Cycle& b) { return a.used < b.used; });
  if (calls_ - oldest->used <= patience) return crowd_;
  *oldest = Cycle{eligible};
  current_ = static_cast<std::size_t>(oldest - cycles_.begin());
  return *oldest;
}

}  // namespace spillway::pool
