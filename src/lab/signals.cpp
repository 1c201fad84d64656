#include "signals.hpp"

#include <cerrno>
#include <ctime>

namespace spillway::lab {

SignalWatch::SignalWatch() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

SignalWatch::~SignalWatch() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void SignalWatch::wait() const {
  int which = 0;
  while (!arrived_ && sigwait(&signals_, &which) == EINTR) {
  }
  arrived_ = true;
}

bool SignalWatch::arrived() const {
  const timespec at_once{};
  if (!arrived_ && sigtimedwait(&signals_, nullptr, &at_once) > 0) arrived_ = true;
  return arrived_;
}

}  // namespace spillway::lab
