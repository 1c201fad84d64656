#include "precise_alarm.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace spillway::lab {

PreciseAlarm::PreciseAlarm(net::Loop& loop, net::Suspension& target)
    : loop_(loop), target_(target), descriptor_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  const ErrorCode error = loop_.reactor().add(descriptor_, *this);
  if (!error) return;
  ::close(descriptor_);
  throw std::system_error(error.value(), std::generic_category(), "a timer");
}

PreciseAlarm::~PreciseAlarm() {
  loop_.reactor().forget(*this);
  ::close(descriptor_);
}

void PreciseAlarm::set(TimePoint when) {
  static_assert(std::chrono::steady_clock::is_steady && std::is_same_v<TimePoint::clock, std::chrono::steady_clock>);
  if (when == when_) return;
  when_ = when;
  itimerspec time{};  // all zero: never
  if (when != no_deadline) {
    // The clock's zero is long ago; a time of zero would mean never.
    const auto since = std::max<std::chrono::nanoseconds>(when.time_since_epoch(), std::chrono::nanoseconds(1));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    time.it_value = {static_cast<time_t>(seconds.count()), static_cast<long>((since - seconds).count())};
  }
  ::timerfd_settime(descriptor_, TFD_TIMER_ABSTIME, &time, nullptr);
}

// What the timer counts is not read: it is edge-triggered, and setting it anew starts from nothing. The news may still
// be of what was set before.
void PreciseAlarm::on_events(std::uint32_t) {
  if (loop_.now() < when_) return;
  when_ = no_deadline;
  target_.resume();
}

}  // namespace spillway::lab
