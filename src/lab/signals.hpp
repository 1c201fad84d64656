#pragma once

#include <csignal>

namespace spillway::lab {

// Holds SIGINT and SIGTERM back while it lives, for this thread and those it starts, so that they are taken when it
// suits.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  // Until one comes.
  void wait() const;
  // Whether one has come, without waiting; true ever after.
  bool arrived() const;

 private:
  sigset_t signals_{};
  sigset_t before_{};
  mutable bool arrived_ = false;
};

}  // namespace spillway::lab
