#include "retry_policy.hpp"

#include <algorithm>
#include <cmath>

namespace spillway::forward {

Milliseconds retry_wait(const config::Retry& rules, int retry, double jitter) noexcept {
  int n = retry;
  if (rules.first_fast_retry && --n == 0) return Milliseconds(0);
  const auto interval = static_cast<double>(rules.interval.count());
  const auto delta = static_cast<double>(rules.delta.count());
  double wait = interval;
  if (rules.max_interval.count() > 0) {
    // 2^30 deltas pass every cap that can be written.
    const double steps = std::exp2(std::min(n - 1, 30)) - 1;
    wait = interval + steps * delta * (1 + jitter);
    wait = std::min(wait, static_cast<double>(rules.max_interval.count()));
  } else if (delta > 0) {
    wait = interval + (n - 1) * delta;
  }
  return Milliseconds(static_cast<std::int64_t>(wait));
}

bool allows_attempt(const config::Retry& rules, int attempts, TimePoint begun, TimePoint start) noexcept {
  if (rules.max_attempts && attempts >= *rules.max_attempts) return false;
  return start < deadline_after(begun, rules.deadline) || rules.deadline.count() == 0;
}

}  // namespace spillway::forward
