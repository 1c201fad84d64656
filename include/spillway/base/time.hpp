#pragma once

#include <chrono>
#include <string>

namespace spillway {

// Intervals and deadlines are measured on the monotonic clock. Pure rooms take the time as an argument and never read
// it.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;
using Milliseconds = std::chrono::milliseconds;

// The time of day, used only for HTTP dates, certificates and the log.
using WallTime = std::chrono::system_clock::time_point;

inline constexpr TimePoint no_deadline = TimePoint::max();

// `start + limit`, where a limit of zero means none.
constexpr TimePoint deadline_after(TimePoint start, Milliseconds limit) {
  return limit.count() == 0 ? no_deadline : start + limit;
}

// `2026-01-31T12:00:00.123Z`: UTC, milliseconds cut, never rounded up.
std::string format_time(WallTime time);

constexpr TimePoint earliest(TimePoint a, TimePoint b) {
  return a < b ? a : b;
}

}  // namespace spillway
