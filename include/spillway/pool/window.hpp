#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "spillway/base/time.hpp"

// What a circuit's rules remember. A thing that happened exactly `interval` ago has aged out. Times may run backwards
// by as much as the calls of concurrent workers interleave; such a time counts as the latest one seen.
namespace spillway::pool {

// The failures of a `count` rule, exact to the clock's tick; never more of them than the rule asks for.
class FailureWindow {
 public:
  // True when this failure is the `count`-th within `interval`. `count` is at least 1 and always the same.
  bool add(TimePoint now, std::size_t count, Duration interval);
  void clear() noexcept;

 private:
  std::vector<TimePoint> times_;  // a ring once it holds `count`
  std::size_t oldest_ = 0;
  TimePoint latest_ = TimePoint::min();
};

// The answers of a `percentage` rule. Answers less than a hundredth of the interval apart share one entry and age out
// with its first, so the memory is bounded at any rate of requests and no answer leaves earlier than that hundredth
// before its time.
class ShareWindow {
 public:
  void add(bool failed, TimePoint now, Duration interval);
  void clear() noexcept;

  // As of the last `add`.
  std::uint64_t answers() const noexcept { return answers_; }
  std::uint64_t failures() const noexcept { return failures_; }

 private:
  struct Entry {
    TimePoint first;
    std::uint64_t answers = 0;
    std::uint64_t failures = 0;
  };
  std::vector<Entry> entries_;  // at most 100
  std::uint64_t answers_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace spillway::pool
