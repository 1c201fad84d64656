#include "spillway/net/loop.hpp"

#include <boost/asio/post.hpp>
#include <csignal>
#include <exception>

#include "spillway/base/log.hpp"

namespace spillway::net {

void Alarm::set(TimePoint when) {
  when_ = when;
  if (when == no_deadline) return;
  if (is_linked()) {
    if (queued_ <= when) return;
    unlink();
  }
  queued_ = when;
  timers_.queue_.insert(*this);
}

void Timers::fire_due() {
  if (queue_.empty()) return;
  const TimePoint now = Clock::now();
  while (!queue_.empty()) {
    Alarm& alarm = *queue_.begin();
    if (alarm.queued_ > now) break;
    alarm.unlink();
    if (alarm.when_ > now) {
      if (alarm.when_ != no_deadline) {
        alarm.queued_ = alarm.when_;
        queue_.insert(alarm);
      }
      continue;
    }
    alarm.when_ = no_deadline;
    alarm.fire_(alarm.context_);
  }
}

std::unique_ptr<char[]> BufferPool::take() {
  if (free_.empty()) return std::unique_ptr<char[]>(new char[block_size]);  // not zeroed
  std::unique_ptr<char[]> block = std::move(free_.back());
  free_.pop_back();
  return block;
}

void BufferPool::give_back(std::unique_ptr<char[]> block) noexcept {
  if (free_.capacity() < keep) free_.reserve(keep);
  if (free_.size() < keep) free_.push_back(std::move(block));
}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    release();
    pool_ = other.pool_;
    block_ = std::move(other.block_);
  }
  return *this;
}

Loop::Loop() : context_(1), work_(context_.get_executor()) {
  // A peer that has gone is an error code of a write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
}

Loop::~Loop() = default;

void Loop::run() {
  while (!context_.stopped()) {
    try {
      context_.poll();
      while (!context_.stopped()) turn(no_deadline);
    } catch (const std::exception& error) {
      log::error("a handler threw; its connection is lost, the loop goes on", {{"error", error.what()}});
    }
  }
}

void Loop::stop() {
  context_.stop();
  reactor_.wake();
}

void Loop::turn(TimePoint until) {
  reactor_.wait(earliest(until, timers_.next()));
  // As a handler of the context, so that coroutines it continues find Asio's memory of this thread.
  asio::post(context_, [this] {
    reactor_.dispatch();
    timers_.fire_due();
  });
  context_.poll();
}

void Loop::poll() {
  context_.restart();
  context_.poll();
  turn(TimePoint());
}

void Loop::post(UniqueFunction<void()> task) {
  asio::post(context_, [task = std::move(task)]() mutable { task(); });
  if (!context_.get_executor().running_in_this_thread()) reactor_.wake();
}

}  // namespace spillway::net
