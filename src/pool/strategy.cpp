#include "strategy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace spillway::pool {
namespace {

std::size_t round_robin(const Candidates& candidates, Memory& memory) {
  return memory.round_robin.next(candidates.members, candidates.weights);
}

// Fewest requests in flight per weight; those that tie take turns.
std::size_t least_requests(const Candidates& candidates, Memory& memory) {
  Members least = 0;
  std::size_t best = max_members;
  each(candidates.members, [&](std::size_t member) {
    if (best != max_members) {
      // Cross-multiplied, so that a tie is a tie.
      const std::uint64_t mine = candidates.of[member].in_flight * static_cast<std::uint64_t>(candidates.weights[best]);
      const std::uint64_t its = candidates.of[best].in_flight * static_cast<std::uint64_t>(candidates.weights[member]);
      if (mine > its) return;
      if (mine == its) {
        least |= only(member);
        return;
      }
    }
    best = member;
    least = only(member);
  });
  return memory.round_robin.next(least, candidates.weights);
}

// Below, a member's cost is the average time to the first byte, made larger by the requests that wait for theirs: a
// member whose times are getting longer is seen before the first long one is over. Who costs little more than the
// cheapest has its full weight in the round robin, so that equal members stay even; beyond that the weight falls off
// steeply.
constexpr double near_best = 1.25;
constexpr double near_best_seconds = 0.010;
// The mean of a few samples of a noisy time is off by that much (relative, over the root of their number).
constexpr double noise = 0.5;
// So many waiting requests (at a member of mean weight) double the cost. By fewer, the ups and downs of how many happen
// to wait would look like a difference between members.
constexpr double doubling_load = 4;
// What anybody is taken to need while nothing is known of any.
constexpr double unknown_seconds = 1.0;
// The round robin's weights are integers.
constexpr double full_weight = 1024;
// A member that gets next to nothing is asked again after `rest`, with one pick in `exploration_interval` at most.
constexpr int little_weight = 256;
constexpr std::chrono::seconds rest{1};
constexpr std::uint32_t exploration_interval = 20;

struct Cost {
  double seconds;
  double room;  // how much above the cheapest is still near, as a factor
};

std::array<Cost, max_members> costs(const Candidates& candidates) {
  std::array<std::optional<double>, max_members> averages;
  double best = std::numeric_limits<double>::infinity();
  double weights = 0;
  each(candidates.members, [&](std::size_t member) {
    averages[member] = candidates.of[member].lane->average(candidates.now);
    if (averages[member]) best = std::min(best, *averages[member]);
    weights += candidates.weights[member];
  });
  const double mean_weight = weights / std::popcount(candidates.members);
  const double assumed = std::isinf(best) ? unknown_seconds : best;

  std::array<Cost, max_members> all;
  each(candidates.members, [&](std::size_t member) {
    const Lane& lane = *candidates.of[member].lane;
    const double load = static_cast<double>(lane.waiting()) * mean_weight / candidates.weights[member] / doubling_load;
    // Nobody knows better, so it is taken to be as good as the best, until requests pile up there.
    const double average = averages[member].value_or(assumed);
    const double samples = averages[member] ? lane.samples() : 1.0;
    all[member] = {average * (1 + load), near_best + noise / std::sqrt(samples)};
  });
  return all;
}

// Of those that get little, the one that was asked longest ago; `max_members` when none is due.
std::size_t due_for_exploration(const Candidates& candidates, Members little) {
  std::size_t due = max_members;
  each(little, [&](std::size_t member) {
    const Lane& lane = *candidates.of[member].lane;
    if (lane.waiting() > 0 || lane.entered_at() > candidates.now - rest) return;
    if (due == max_members || lane.entered_at() < candidates.of[due].lane->entered_at()) due = member;
  });
  return due;
}

std::size_t least_latency(const Candidates& candidates, Memory& memory) {
  const std::array<Cost, max_members> cost = costs(candidates);
  double best = std::numeric_limits<double>::infinity();
  each(candidates.members, [&](std::size_t member) { best = std::min(best, cost[member].seconds); });

  std::array<int, max_members> weights;
  Members little = 0;
  each(candidates.members, [&](std::size_t member) {
    const double limit = best * cost[member].room + near_best_seconds;
    const double share = cost[member].seconds <= limit ? 1.0 : std::pow(limit / cost[member].seconds, 8);
    const int scaled = static_cast<int>(full_weight * share);
    weights[member] = candidates.weights[member] * scaled;
    if (scaled < little_weight) little |= only(member);
  });

  memory.picks_since_exploration = std::min(memory.picks_since_exploration + 1, exploration_interval);
  if (candidates.first_attempt && memory.picks_since_exploration == exploration_interval) {
    if (const std::size_t due = due_for_exploration(candidates, little); due != max_members) {
      memory.picks_since_exploration = 0;
      return due;
    }
  }
  return memory.round_robin.next(candidates.members, weights);
}

struct Row {
  config::Strategy strategy;
  std::size_t (*choose)(const Candidates&, Memory&);
};

// In the order of the enumeration, whose names `config` knows.
constexpr std::array<Row, 3> strategies{{
    {config::Strategy::round_robin, round_robin},
    {config::Strategy::least_latency, least_latency},
    {config::Strategy::least_requests, least_requests},
}};

constexpr bool in_order() {
  for (std::size_t row = 0; row < strategies.size(); ++row)
    if (static_cast<std::size_t>(strategies[row].strategy) != row) return false;
  return true;
}
static_assert(in_order());

}  // namespace

std::size_t choose(config::Strategy strategy, const Candidates& candidates, Memory& memory) {
  return strategies[static_cast<std::size_t>(strategy)].choose(candidates, memory);
}

}  // namespace spillway::pool
