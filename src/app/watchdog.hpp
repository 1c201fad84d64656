#pragma once

#include <optional>
#include <vector>

#include "spillway/net/loop.hpp"
#include "spillway/observe/metrics.hpp"

namespace spillway::app {

// Notices event loops that do not come round: while a handler blocks or computes, every connection of its loop waits.
// Belongs to one thread.
class Watchdog {
 public:
  // A turn that takes this long is a stall; how often to look, so that none of twice the length is missed.
  static constexpr Milliseconds patience{1'000};
  static constexpr Milliseconds interval{500};

  // `stalls` is counted up once for each stall.
  explicit Watchdog(observe::Counter& stalls) noexcept : stalls_(stalls) {}

  // The loop outlives the last look.
  void watch(const net::Loop& loop) { watched_.push_back({&loop, std::nullopt}); }
  // Says in the log which loop has begun to stall, and when it goes on.
  void look(TimePoint now);
  // How long the longest stall has lasted that was under way at the last look; zero without one.
  Duration longest() const noexcept { return longest_; }

 private:
  struct Watched {
    const net::Loop* loop;
    std::optional<TimePoint> stalled_since;
  };

  observe::Counter& stalls_;
  std::vector<Watched> watched_;
  Duration longest_{};
};

}  // namespace spillway::app
