#include "refresh.hpp"

#include <algorithm>
#include <random>

namespace spillway::identity {

Plan plan_for(const Grant& grant, TimePoint now, const Timing& timing) {
  const Milliseconds usable = grant.expires_in - std::min(timing.skew, grant.expires_in / 10);
  const Milliseconds half = grant.expires_in / 2;
  const Milliseconds wanted = std::min(grant.refresh_in.value_or(half), usable);
  return {now + std::max(wanted, timing.soonest), now + usable};
}

Milliseconds back_off(int failures, std::optional<Milliseconds> retry_after, double jitter, const Timing& timing) {
  constexpr int most_doublings = 20;
  const double doubled = static_cast<double>(timing.first_wait.count()) *
                         static_cast<double>(1LL << std::clamp(failures - 1, 0, most_doublings));
  const double varied = std::min(doubled, static_cast<double>(timing.longest_wait.count())) * (1 + jitter);
  const Milliseconds wait(static_cast<Milliseconds::rep>(varied));
  return std::min(std::max(wait, retry_after.value_or(Milliseconds(0))), timing.longest_wait);
}

double random_jitter() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(-0.2, 0.2)(generator);
}

}  // namespace spillway::identity
