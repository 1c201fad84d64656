#pragma once

#include "spillway/base/time.hpp"
#include "spillway/net/reactor.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::lab {

// Resumes a suspension at a time, to some ten microseconds where the loop's own alarms are late by up to a millisecond:
// a timer of the kernel's (timerfd_create(2)). Belongs to one loop; dies before it and before the suspension.
class PreciseAlarm : private net::EventTarget {
 public:
  // Throws std::system_error when the kernel has no descriptors left.
  PreciseAlarm(net::Loop& loop, net::Suspension& target);
  ~PreciseAlarm();
  PreciseAlarm(const PreciseAlarm&) = delete;
  PreciseAlarm& operator=(const PreciseAlarm&) = delete;

  // Once, at `when`, instead of at what was set before; never for `no_deadline`.
  void set(TimePoint when);

 private:
  void on_events(std::uint32_t events) override;

  net::Loop& loop_;
  net::Suspension& target_;
  int descriptor_;
  TimePoint when_ = no_deadline;
};

}  // namespace spillway::lab
