#include "affinity.hpp"

#include <algorithm>
#include <cmath>

namespace spillway::pool {
namespace {

constexpr std::chrono::duration<double> half_life{60.0};

// The finalizer of SplitMix64: every bit of the result hangs on every bit of `bits`.
std::uint64_t mix(std::uint64_t bits) noexcept {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31);
}

// Above 0 and below 1.
double fraction(std::uint64_t bits) noexcept {
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
}

double sum(Members members, std::span<const int> weights) {
  double total = 0;
  each(members, [&](std::size_t member) { total += weights[member]; });
  return total;
}

}  // namespace

std::uint64_t hash_of_name(std::string_view name) noexcept {
  // FNV-1a.
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char character : name) hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3U;
  return mix(hash);
}

std::size_t Rendezvous::highest(Members among, std::uint64_t key) const {
  const std::uint64_t mixed = mix(key + 0x9e3779b97f4a7c15U);
  std::size_t found = max_members;
  double highest = 0;
  each(among, [&](std::size_t member) {
    const double score = -weights[member] / std::log(fraction(mix(mixed ^ names[member])));
    if (found != max_members && score <= highest) return;
    found = member;
    highest = score;
  });
  return found;
}

Members PromptShares::within_bounds(Members group, std::span<const int> weights, TimePoint now) {
  if (now > at_) {
    const double faded = std::exp2(-(now - at_) / half_life);
    for (double& count : counts_) count *= faded;
    at_ = now;
  }
  double total = 0;
  each(group, [&](std::size_t member) { total += counts_[member]; });
  const double per_weight = above_share * (total + 1) / sum(group, weights);
  Members within = 0;
  each(group, [&](std::size_t member) {
    if (counts_[member] + 1 <= std::max(always, per_weight * weights[member])) within |= only(member);
  });
  return within;
}

std::size_t PromptShares::lightest(Members among, std::span<const int> weights) const {
  std::size_t found = max_members;
  each(among, [&](std::size_t member) {
    if (found == max_members || counts_[member] * weights[found] < counts_[found] * weights[member]) found = member;
  });
  return found;
}

void PromptShares::add(std::size_t member, Members group, Members away, std::span<const int> weights) {
  counts_[member] += 1;
  const double present = sum(group & ~away, weights);
  each(away, [&](std::size_t absent) { counts_[absent] += weights[absent] / present; });
}

}  // namespace spillway::pool
