#include "limits.hpp"

#include <algorithm>

namespace spillway::lab {
namespace {

constexpr Milliseconds minute{60'000};
constexpr Milliseconds slice{10'000};
constexpr std::int64_t slices_per_minute = 6;

// Whole milliseconds until `end`, at least one: a wait of zero would invite the client back too early.
Milliseconds until(TimePoint end, TimePoint now) {
  return std::max(std::chrono::ceil<Milliseconds>(end - now), Milliseconds{1});
}

}  // namespace

void PaygoLimiter::Window::roll(TimePoint now, Milliseconds length) {
  if (start != TimePoint::min() && now < start + length) return;
  start = now;
  used = 0;
}

Milliseconds PaygoLimiter::Window::left(TimePoint now, Milliseconds length) const {
  if (start == TimePoint::min() || now >= start + length) return Milliseconds{0};
  return until(start + length, now);
}

std::int64_t PaygoLimiter::requests_per_slice() const noexcept {
  const std::int64_t per_minute = limits_.requests_per_minute.value_or(0);
  return (per_minute + slices_per_minute - 1) / slices_per_minute;
}

Admission PaygoLimiter::admit(std::int64_t tokens, TimePoint now) {
  minute_tokens_.roll(now, minute);
  minute_requests_.roll(now, minute);
  slice_.roll(now, slice);
  ++minute_requests_.used;
  ++slice_.used;
  if (limits_.requests_per_minute) {
    if (minute_requests_.used > *limits_.requests_per_minute) {
      return {Exceeded::requests, minute_requests_.left(now, minute)};
    }
    if (slice_.used > requests_per_slice()) return {Exceeded::requests, slice_.left(now, slice)};
  }
  if (limits_.tokens_per_minute && minute_tokens_.used + tokens > *limits_.tokens_per_minute) {
    return {Exceeded::tokens, minute_tokens_.left(now, minute)};
  }
  minute_tokens_.used += tokens;
  return {};
}

PaygoLimiter::Left PaygoLimiter::left(TimePoint now) const {
  const auto remaining = [](const std::optional<std::int64_t>& limit, std::int64_t used, Milliseconds reset) {
    if (!limit) return std::int64_t{0};
    return reset.count() == 0 ? *limit : std::max<std::int64_t>(*limit - used, 0);
  };
  Left left;
  left.tokens_reset = minute_tokens_.left(now, minute);
  left.tokens = remaining(limits_.tokens_per_minute, minute_tokens_.used, left.tokens_reset);
  left.requests = remaining(limits_.requests_per_minute, minute_requests_.used, minute_requests_.left(now, minute));
  left.requests_reset = slice_.left(now, slice);
  return left;
}

void PtuMeter::drain(TimePoint now) {
  if (drained_ == TimePoint::min() || level_ == 0) {
    drained_ = now;
    return;
  }
  if (now <= drained_) return;
  const auto elapsed = std::chrono::floor<Milliseconds>(now - drained_);
  const std::int64_t to_empty = level_ / limits_.tokens_per_minute + 1;
  if (elapsed.count() >= to_empty) {
    level_ = 0;
    drained_ = now;
    return;
  }
  level_ = std::max<std::int64_t>(level_ - elapsed.count() * limits_.tokens_per_minute, 0);
  drained_ += elapsed;
}

Admission PtuMeter::admit(std::int64_t tokens, TimePoint now) {
  drain(now);
  const std::int64_t over = level_ - full();
  if (over > 0) {
    return {Exceeded::utilisation, Milliseconds{(over + limits_.tokens_per_minute - 1) / limits_.tokens_per_minute}};
  }
  level_ += tokens * unit;
  return {};
}

void PtuMeter::settle(std::int64_t estimate, std::int64_t actual, TimePoint now) {
  drain(now);
  level_ = std::max<std::int64_t>(level_ + (actual - estimate) * unit, 0);
}

std::int64_t PtuMeter::utilisation_permille(TimePoint now) const {
  PtuMeter copy = *this;
  copy.drain(now);
  return copy.level_ * 1000 / full();
}

}  // namespace spillway::lab
