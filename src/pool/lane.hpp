#pragma once

#include <cstdint>
#include <optional>

#include "spillway/base/time.hpp"
#include "spillway/pool/verdict.hpp"

namespace spillway::pool {

// How long one deployment of one backend takes to the first byte of an answer, learned from its answers; those that are
// streamed have a lane of their own. Covered by the ledger's lock.
//
// The average is over time: a sample's weight halves about every 1.4 s, so it follows a change within seconds at any
// rate of requests, and many requests at once do not wear out what was learned before them.
class Lane {
 public:
  // A request goes, and waits for its answer.
  void enter(TimePoint now) noexcept;

  // The answer's first byte has come, or the request is over without one: it waits no more. `entered`: when it began.
  // What the verdict teaches:
  // - 2xx, 3xx: its time to the first byte;
  // - failed, 5xx, 408, 429: at least twice the average, however soon it came, so that fast errors earn nothing;
  // - other 4xx: nothing, they say more about the request;
  // - abandoned: that the time is not below what it waited, when that was longer than the average.
  void leave(const Verdict& verdict, TimePoint entered, TimePoint now);

  // An answer that had begun well broke off.
  void break_off(TimePoint now);

  // In seconds; nothing when there was no sample in the last half minute.
  std::optional<double> average(TimePoint now) const noexcept;
  // How many samples the average stands for, the older ones counting less; at least 1 when there is an average.
  double samples() const noexcept { return weight_; }
  // Requests that have no answer yet.
  std::uint64_t waiting() const noexcept { return waiting_; }
  TimePoint entered_at() const noexcept { return entered_at_; }

 private:
  void add(double seconds, TimePoint now);
  double known() const noexcept { return sum_ / weight_; }

  // Sums over all samples, each weighing exp(-age / memory).
  double sum_ = 0;
  double weight_ = 0;
  std::uint64_t waiting_ = 0;
  TimePoint sampled_at_{};
  TimePoint entered_at_ = TimePoint::min();
};

}  // namespace spillway::pool
