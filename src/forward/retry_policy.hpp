#pragma once

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"

// When the next attempt may start. Pure.
namespace spillway::forward {

// The wait before the n-th retry (from 1). As in API Management's retry policy: fixed `interval`; with `delta` linear,
// interval + (n-1)·delta; with `max_interval` exponential, interval + (2^(n-1) - 1)·delta, each delta varied by
// `jitter` (-0.2 to 0.2) and the whole capped. `first_fast_retry` makes the first wait zero and the second what the
// first would be.
Milliseconds retry_wait(const config::Retry& rules, int retry, double jitter) noexcept;

// Whether the rules allow another attempt after `attempts` of them, when it would start at `start`. `deadline` counts
// from `begun`, the time of the request.
bool allows_attempt(const config::Retry& rules, int attempts, TimePoint begun, TimePoint start) noexcept;

}  // namespace spillway::forward
