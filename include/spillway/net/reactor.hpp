#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "spillway/base/error.hpp"
#include "spillway/base/time.hpp"

struct epoll_event;

namespace spillway::net {

// Whoever wants to know what a descriptor can do.
class EventTarget {
 public:
  // `events` as epoll_wait(2) has them: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR. May do away with this target
  // and any other.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~EventTarget() = default;
};

// The kernel's news about descriptors. Each descriptor is registered once, edge-triggered and for both directions, and
// stays so until it is closed: waiting for it costs no system call, and a target remembers what it has been told until
// a read or write finds nothing more to do. One thread at a time; only `wake` may be called from others.
class Reactor {
 public:
  // Throws std::system_error when the kernel has no descriptors left.
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // From now on `target` hears of `descriptor`, also of what it can do already.
  ErrorCode add(int descriptor, EventTarget& target) noexcept;
  // `target` hears nothing more. Closing its descriptor is the caller's.
  void forget(const EventTarget& target) noexcept;
  // `target` is told EPOLLIN in the next turn, although the kernel has no news.
  void revisit(EventTarget& target);

  // Waits for news until `until`, rounded up to a millisecond, or a `wake`. Returns at once while some are undelivered.
  void wait(TimePoint until);
  // Delivers them. When a target throws, the next call goes on behind it.
  void dispatch();

  // Any thread: ends a wait, now or the next one.
  void wake() noexcept;
  // Somebody has called `wake` since the last `dispatch`.
  bool woken() const noexcept { return rung_.load(); }

 private:
  static constexpr std::size_t batch_size = 256;

  int epoll_;
  int bell_;  // an eventfd
  std::atomic<bool> rung_{false};
  std::vector<epoll_event> batch_;
  std::size_t next_ = 0;   // of the batch, to be delivered
  std::size_t count_ = 0;  // of the batch
  std::vector<EventTarget*> again_;
};

}  // namespace spillway::net
