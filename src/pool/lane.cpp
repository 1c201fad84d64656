#include "lane.hpp"

#include <algorithm>
#include <cmath>

namespace spillway::pool {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds memory{2.0};
constexpr std::chrono::seconds lifetime{30};
// What a backend is taken to need that has shown nothing but failures, so that they count at all.
constexpr double unknown = 1.0;
// So that one that was very slow is found again soon after it has recovered.
constexpr double slowest = 60.0;

bool is_success(const Verdict& verdict) noexcept {
  return verdict.kind == Verdict::Kind::answered && verdict.status >= 200 && verdict.status < 400;
}

bool is_failure(const Verdict& verdict) noexcept {
  if (verdict.kind == Verdict::Kind::failed) return true;
  return verdict.kind == Verdict::Kind::answered &&
         (verdict.status >= 500 || verdict.status == 408 || verdict.status == 429);
}

}  // namespace

void Lane::enter(TimePoint now) noexcept {
  ++waiting_;
  entered_at_ = now;
}

void Lane::leave(const Verdict& verdict, TimePoint entered, TimePoint now) {
  --waiting_;
  const double waited = Seconds(verdict.first_byte.value_or(now - entered)).count();
  const double average = weight_ > 0 ? known() : unknown;
  if (is_success(verdict))
    add(waited, now);
  else if (is_failure(verdict))
    add(std::max(2 * average, waited), now);
  else if (verdict.kind == Verdict::Kind::abandoned && weight_ > 0 && waited > average)
    add(waited, now);
}

void Lane::break_off(TimePoint now) {
  add(2 * (weight_ > 0 ? known() : unknown), now);
}

void Lane::add(double seconds, TimePoint now) {
  const Seconds age = std::max<Duration>(now - sampled_at_, Duration::zero());
  const double faded = weight_ > 0 ? std::exp(-age / memory) : 0.0;
  sum_ = sum_ * faded + std::clamp(seconds, 0.0, slowest);
  weight_ = weight_ * faded + 1;
  sampled_at_ = std::max(sampled_at_, now);
}

std::optional<double> Lane::average(TimePoint now) const noexcept {
  if (weight_ == 0 || now - sampled_at_ >= lifetime) return std::nullopt;
  return known();
}

}  // namespace spillway::pool
