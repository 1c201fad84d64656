#pragma once

#include <optional>

#include "grant.hpp"
#include "spillway/base/time.hpp"
#include "spillway/identity/timing.hpp"

namespace spillway::identity {

// What is to happen with a token that has just come.
struct Plan {
  TimePoint refresh_at;    // when the next one is fetched: at half its life, or earlier if the issuer says so
  TimePoint usable_until;  // from then on it is not sent any more
};
Plan plan_for(const Grant& grant, TimePoint now, const Timing& timing);

// How long to wait after `failures` fetches in a row have failed (1 or more): doubled each time, varied by `jitter`
// (-0.2 to 0.2), and no less than what the issuer asked for; at most `longest_wait`.
Milliseconds back_off(int failures, std::optional<Milliseconds> retry_after, double jitter, const Timing& timing);

// -0.2 to 0.2, at random, so that many gateways do not ask all at once.
double random_jitter();

}  // namespace spillway::identity
