#include "spillway/net/loop.hpp"

#include <boost/asio/post.hpp>
#include <csignal>
#include <exception>
#include <utility>

#include "spillway/base/fault.hpp"

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

void Timers::fire_due(TimePoint now) {
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

// A coroutine that nobody awaits. Its frame goes when it ends, or with the loop.
struct Loop::Root {
  class promise_type : public Hook {
   public:
    promise_type(Loop& loop, const awaitable<void>&, const Ended&) noexcept { loop.roots_.push_back(*this); }
    Root get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<> start;
};

Loop::Root Loop::live(Loop&, awaitable<void> coroutine, Ended ended) {
  std::exception_ptr thrown;
  {
    awaitable<void> whole = std::move(coroutine);
    try {
      co_await whole;
    } catch (...) {
      thrown = std::current_exception();
    }
  }
  ended(thrown);
}

Loop::Loop() : context_(1), work_(context_.get_executor()) {
  // A peer that has gone is an error code of a write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
}

Loop::~Loop() {
  while (!roots_.empty()) {
    auto& promise = static_cast<Root::promise_type&>(roots_.front());
    std::coroutine_handle<Root::promise_type>::from_promise(promise).destroy();
  }
}

void Loop::run() {
  while (!context_.stopped()) {
    try {
      begin_turn();
      context_.poll();
      while (!context_.stopped()) turn(no_deadline);
    } catch (...) {
      report_fault("a handler threw; its connection is lost, the loop goes on", std::current_exception());
    }
  }
  end_turn();
}

void Loop::begin_turn() noexcept {
  heard_ = Clock::now();
  busy_since_.store(heard_, std::memory_order_relaxed);
}

std::optional<TimePoint> Loop::busy_since() const noexcept {
  const TimePoint since = busy_since_.load(std::memory_order_relaxed);
  if (since == no_deadline) return std::nullopt;
  return since;
}

void Loop::stop() {
  context_.stop();
  reactor_.wake();
}

void Loop::turn(TimePoint until) {
  end_turn();
  reactor_.wait(later_.empty() ? earliest(until, timers_.next()) : TimePoint());
  begin_turn();
  if (reactor_.woken()) context_.poll();  // what other threads have posted came first
  reactor_.dispatch();
  timers_.fire_due(heard_);
  for (const std::coroutine_handle<> who : std::exchange(later_, {})) who.resume();
  context_.poll();
}

void Loop::poll() {
  context_.restart();
  begin_turn();
  context_.poll();
  turn(TimePoint());
}

void Loop::post(UniqueFunction<void()> task) {
  asio::post(context_, [task = std::move(task)]() mutable { task(); });
  if (!context_.get_executor().running_in_this_thread()) reactor_.wake();
}

void Loop::spawn(awaitable<void> coroutine, Ended ended) {
  const Root root = live(*this, std::move(coroutine), std::move(ended));
  try {
    asio::post(context_, [root] { root.start.resume(); });
  } catch (...) {
    root.start.destroy();
    throw;
  }
}

}  // namespace spillway::net
