#include "watchdog.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "spillway/base/log.hpp"

namespace spillway::app {
namespace {

std::int64_t ms(Duration length) {
  return std::chrono::duration_cast<Milliseconds>(length).count();
}

}  // namespace

void Watchdog::look(TimePoint now) {
  longest_ = {};
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    Watched& each = watched_[i];
    const std::optional<TimePoint> since = each.loop->busy_since();
    if (each.stalled_since && since != each.stalled_since) {
      log::warn("an event loop goes on", {{"worker", i}, {"stalled_at_most_ms", ms(now - *each.stalled_since)}});
      each.stalled_since.reset();
    }
    if (!since || now - *since < patience) continue;
    longest_ = std::max(longest_, now - *since);
    if (each.stalled_since) continue;
    each.stalled_since = since;
    stalls_.add();
    log::error("an event loop does not come round; its connections wait",
               {{"worker", i}, {"for_ms", ms(now - *since)}});
  }
}

}  // namespace spillway::app
