#include "loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace bench {

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) fail("no epoll");
}

Loop::~Loop() {
  close(epoll_);
}

void Loop::add(int fd, Handler& handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &handler;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("cannot watch a connection");
}

void Loop::add_listener(int fd, Handler& handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  event.data.ptr = &handler;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("cannot watch a listener");
}

void Loop::at(Nanoseconds due, Handler& handler) {
  no_timer(handler);
  handler.due_ = std::max<Nanoseconds>(due, 1);
  timers_.emplace(handler.due_, &handler);
}

void Loop::no_timer(Handler& handler) {
  if (handler.due_ != 0) timers_.erase({handler.due_, &handler});
  handler.due_ = 0;
}

void Loop::retire(std::unique_ptr<Handler> handler) {
  no_timer(*handler);
  retired_.push_back(std::move(handler));
}

void Loop::run() {
  std::array<epoll_event, 256> events{};
  running_ = true;
  while (running_) {
    timespec wait{};
    timespec* timeout = nullptr;
    if (!timers_.empty()) {
      const Nanoseconds left = std::max<Nanoseconds>(timers_.begin()->first - now(), 0);
      wait.tv_sec = left / a_second;
      wait.tv_nsec = left % a_second;
      timeout = &wait;
    }
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), timeout, nullptr);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      auto* handler = static_cast<Handler*>(event.data.ptr);
      const bool is_retired = std::any_of(retired_.begin(), retired_.end(),
                                          [handler](const auto& retired) { return retired.get() == handler; });
      if (is_retired) continue;
      handler->peer_done_ = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
      handler->on_ready();
    }
    while (!timers_.empty() && timers_.begin()->first <= now()) {
      Handler* handler = timers_.begin()->second;
      no_timer(*handler);
      handler->on_timer();
    }
    retired_.clear();
  }
}

}  // namespace bench
