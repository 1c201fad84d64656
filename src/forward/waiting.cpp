#include <optional>

#include "forwarding.hpp"

namespace spillway::forward {
namespace {

// How soon a member is asked once more that has failed the request, but not so that its circuit opened.
constexpr Milliseconds second_try{100};

// Wakes a request that waits for its pool.
class PoolWaiter final : public pool::Waiter {
 public:
  explicit PoolWaiter(std::weak_ptr<net::RemoteWake::Line> line) : line_(std::move(line)) {}
  void wake() override {
    if (const auto line = line_.lock()) line->wake();
  }

 private:
  std::weak_ptr<net::RemoteWake::Line> line_;
};

}  // namespace

// How long this request may wait now that there is no member for it: for a place at a full one as long as for a
// connection, for one to get well `on_exhausted.wait`. Each runs from the first time it is needed.
TimePoint Forwarding::patience(const pool::Exhausted& none, TimePoint now) {
  std::optional<TimePoint>& until = none.full ? place_until_ : member_until_;
  if (!until) {
    // Without a limit for connecting there is none for waiting for a connection.
    until =
        none.full ? deadline_after(now, pool_config().timeouts.connect) : now + snapshot_->config().on_exhausted.wait;
  }
  const TimePoint limit = earliest(*until, deadline_);
  if (attempts_ == 0) return limit;
  return earliest(limit, deadline_after(client_.started(), pool_config().retry.deadline));
}

// A member for the next attempt, waited for as far as the configuration says so.
awaitable<pool::PickResult> Forwarding::next_member() {
  net::Suspension suspension(services_.loop);
  std::optional<net::RemoteWake> remote;
  const net::CancelSlot::Guard guard(slot_, suspension);
  std::shared_ptr<PoolWaiter> waiter;
  bool forgiven = false;
  for (;;) {
    const TimePoint now = services_.loop.heard();
    pool::PickResult pick = pool_->pick(wish_, tried_, now);
    const auto* none = std::get_if<pool::Exhausted>(&pick);
    if (none == nullptr) co_return pick;
    // There is an answer that no later one would better.
    if (candidate_ && (none->owner_unavailable || searching_)) co_return pick;
    const TimePoint limit = patience(*none, now);
    if (slot_.cancelled() || now >= limit || (!none->full && none->earliest > limit)) co_return pick;
    if (!none->full && !forgiven) {
      // The one case in which a member is tried again.
      forgiven = true;
      tried_ = pool::Tried();
    }
    if (!waiter) {
      // Asked once more after the line stands, so that no change is missed.
      if (!remote) remote.emplace(services_.loop, suspension);
      waiter = std::make_shared<PoolWaiter>(remote->line());
      pool_->wake_on_change(waiter);
      if (none->full) continue;
    }
    TimePoint until = limit;
    if (!none->full) until = earliest(limit, none->earliest > now ? none->earliest : now + second_try);
    co_await suspension.until(until);
    waited_ += services_.loop.now() - now;
    if (slot_.cancelled()) co_return pick;
    waiter.reset();
  }
}

}  // namespace spillway::forward
