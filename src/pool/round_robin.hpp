#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "members.hpp"

namespace spillway::pool {

// Smooth weighted round robin, as nginx does it: every member earns its weight, the richest is chosen and pays the sum
// of the weights. Over one sum of weights everyone is chosen exactly as often as its weight says, as evenly spread as
// can be.
//
// Each set of eligible members has a cycle of its own, so a member that is tried, open or full neither saves up while
// it is away nor disturbs the cycle of the rest, and the full set goes on where it stopped. At most `max_cycles` sets
// are remembered; a further one replaces a set that was not met in the last `patience` calls. While there is none, sets
// come and go too fast for cycles of their own to mean anything, and all further sets share one, in which a member's
// credit waits while it is away.
class RoundRobin {
 public:
  // Whose turn it is. `eligible` is not empty, and its members' weights are above 0.
  std::size_t next(Members eligible, std::span<const int> weights);

  static constexpr std::size_t max_cycles = 16;
  static constexpr std::uint64_t patience = 1'000;

 private:
  struct Cycle {
    Members members = 0;
    std::uint64_t used = 0;
    std::array<std::int32_t, max_members> credit{};

    std::size_t next(Members eligible, std::span<const int> weights);
  };
  Cycle& cycle(Members eligible);

  std::vector<Cycle> cycles_;
  Cycle crowd_;  // of all sets that have none
  std::size_t current_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace spillway::pool
