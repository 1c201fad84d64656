// An epoll loop for one thread, with timers.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "support.hpp"

namespace bench {

class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;
  // Something may be read or written. Edge-triggered: what is left undone is not told again.
  virtual void on_ready() = 0;
  virtual void on_timer() {}

  // The other end has said, with the last event, that it will send no more. What it sent before may still wait.
  [[nodiscard]] bool peer_done() const { return peer_done_; }

 private:
  friend class Loop;
  bool peer_done_ = false;
  Nanoseconds due_ = 0;  // 0: no timer
};

class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  // Watches a connection. The descriptor leaves the loop when it is closed.
  void add(int fd, Handler& handler);
  // Watches a listener which other threads watch as well: one of them is woken.
  void add_listener(int fd, Handler& handler);
  // One timer a handler; a new one replaces the old one.
  void at(Nanoseconds due, Handler& handler);
  void no_timer(Handler& handler);
  // Destroys the handler once all events that may name it have been dealt with.
  void retire(std::unique_ptr<Handler> handler);

  // Until `stop`.
  void run();
  void stop() { running_ = false; }

 private:
  int epoll_;
  bool running_ = true;
  std::set<std::pair<Nanoseconds, Handler*>> timers_;
  std::vector<std::unique_ptr<Handler>> retired_;
};

}  // namespace bench
