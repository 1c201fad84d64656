#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lane.hpp"
#include "members.hpp"
#include "round_robin.hpp"
#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"

namespace spillway::pool {

// What a strategy may know of a member.
struct Candidate {
  std::uint64_t in_flight;  // of the member's backend, whichever pool and model they came by
  const Lane* lane;         // of the request's deployment; never null
};

// The members of one priority that may take the request: at least one, each with a weight above 0.
struct Candidates {
  Members members = 0;
  std::span<const int> weights;           // by member
  std::array<Candidate, max_members> of;  // by member; only those in `members` are filled in
  bool first_attempt = true;              // no other member has failed for this request
  TimePoint now;
};

// What the strategies remember of the picks for one model.
struct Memory {
  RoundRobin round_robin;
  std::uint32_t picks_since_exploration = 0;
};

// One of the candidates. Changes nothing but the memory: whether the member is then taken is up to the caller.
std::size_t choose(config::Strategy strategy, const Candidates& candidates, Memory& memory);

}  // namespace spillway::pool
