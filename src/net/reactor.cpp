#include "spillway/net/reactor.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <system_error>

namespace spillway::net {
namespace {

constexpr std::uint32_t both_ways = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

int checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

// For epoll_wait(2): never too early, and -1 without an end.
int timeout_until(TimePoint until) {
  if (until == no_deadline) return -1;
  const TimePoint now = Clock::now();
  if (until <= now) return 0;
  const auto rest = std::chrono::ceil<Milliseconds>(until - now).count();
  return static_cast<int>(std::min<decltype(rest)>(rest, std::numeric_limits<int>::max()));
}

}  // namespace

Reactor::Reactor() : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")), bell_(-1), batch_(batch_size) {
  bell_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // each ring is an edge, so that it need not be read
  event.data.ptr = this;
  if (bell_ >= 0 && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, bell_, &event) == 0) return;
  const int reason = errno;
  if (bell_ >= 0) ::close(bell_);
  ::close(epoll_);
  throw std::system_error(reason, std::generic_category(), "eventfd");
}

Reactor::~Reactor() {
  ::close(bell_);
  ::close(epoll_);
}

ErrorCode Reactor::add(int descriptor, EventTarget& target) noexcept {
  epoll_event event{};
  event.events = both_ways;
  event.data.ptr = &target;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
  return {errno, boost::system::system_category()};
}

void Reactor::forget(const EventTarget& target) noexcept {
  for (std::size_t i = next_; i < count_; ++i) {
    if (batch_[i].data.ptr == &target) batch_[i].data.ptr = nullptr;
  }
  std::replace(again_.begin(), again_.end(), const_cast<EventTarget*>(&target), static_cast<EventTarget*>(nullptr));
}

void Reactor::revisit(EventTarget& target) {
  again_.push_back(&target);
}

void Reactor::wait(TimePoint until) {
  if (next_ < count_) return;
  const int timeout = again_.empty() ? timeout_until(until) : 0;
  const int count = ::epoll_wait(epoll_, batch_.data(), static_cast<int>(batch_.size()), timeout);
  next_ = 0;
  count_ = static_cast<std::size_t>(std::max(count, 0));  // a signal is no news
}

void Reactor::dispatch() {
  const std::size_t known = again_.size();
  for (std::size_t i = 0; i < known; ++i) {
    // One that asks again in here is told in the next turn.
    EventTarget* const target = again_.front();
    again_.erase(again_.begin());
    if (target != nullptr) target->on_events(EPOLLIN);
  }
  while (next_ < count_) {
    const epoll_event event = batch_[next_++];
    if (event.data.ptr == this)
      rung_.store(false);
    else if (event.data.ptr != nullptr)
      static_cast<EventTarget*>(event.data.ptr)->on_events(event.events);
  }
}

void Reactor::wake() noexcept {
  if (rung_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(bell_, &one, sizeof one);
}

}  // namespace spillway::net
