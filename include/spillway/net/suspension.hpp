#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "spillway/base/error.hpp"
#include "spillway/base/time.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/stream.hpp"

namespace spillway::net {

// A place where one coroutine waits for something to happen, for a deadline, or to be cancelled: what every wait of the
// gateway comes down to. Belongs to one loop. It must outlive the wait, and the wait must be ended (resume, cancel)
// before the loop is destroyed.
class Suspension final : public Cancellable {
 public:
  explicit Suspension(Loop& loop) noexcept;
  Suspension(const Suspension&) = delete;
  Suspension& operator=(const Suspension&) = delete;
  ~Suspension() override;

  // Waits until `resume` (no error, or the one given), `deadline` (Errc::timeout) or `cancel` (Errc::cancelled). What
  // happens before the wait is not remembered.
  awaitable<ErrorCode> until(TimePoint deadline);

  // Continues the coroutine inside this call. Does nothing when none waits.
  void resume(ErrorCode error = {});
  // Continues it soon, from the loop.
  void cancel() noexcept override;

  bool waiting() const noexcept { return handler_.has_value(); }

 private:
  // Not an error_code, which Asio would turn into an exception.
  struct Wake {
    ErrorCode error;
    Wake() = default;
    explicit Wake(ErrorCode e) noexcept : error(e) {}
  };
  using Handler = asio::async_result<asio::use_awaitable_t<>, void(Wake)>::handler_type;

  Loop& loop_;
  Alarm alarm_;
  std::optional<Handler> handler_;
};

// Lets any thread end the wait of a suspension. Whoever waits owns the `RemoteWake`; others hold the `Line` weakly and
// may call it at any time, also after the wait is over.
class RemoteWake {
 public:
  class Line : public std::enable_shared_from_this<Line> {
   public:
    Line(Loop& loop, Suspension& target) noexcept : loop_(&loop), target_(&target) {}
    // Thread-safe. The suspension is resumed soon, from its own loop.
    void wake();

   private:
    friend class RemoteWake;
    void cut() noexcept;

    std::mutex mutex_;
    Loop* loop_;          // null once cut: the loop may be gone
    Suspension* target_;  // touched on the loop's thread only
  };

  RemoteWake(Loop& loop, Suspension& target) : line_(std::make_shared<Line>(loop, target)) {}
  ~RemoteWake() { line_->cut(); }
  RemoteWake(const RemoteWake&) = delete;
  RemoteWake& operator=(const RemoteWake&) = delete;

  std::weak_ptr<Line> line() const noexcept { return line_; }

 private:
  std::shared_ptr<Line> line_;
};

// The one thing a request is waiting for just now, so that it can be told to stop wherever it is.
class CancelSlot final : public Cancellable {
 public:
  // Makes `target` the thing waited for while the guard lives.
  class Guard {
   public:
    Guard(CancelSlot& slot, Cancellable& target) noexcept : slot_(slot), before_(slot.current_) {
      slot.current_ = &target;
    }
    ~Guard() { slot_.current_ = before_; }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    CancelSlot& slot_;
    Cancellable* before_;
  };

  void cancel() noexcept override {
    cancelled_ = true;
    if (current_ != nullptr) current_->cancel();
  }
  bool cancelled() const noexcept { return cancelled_; }

 private:
  Cancellable* current_ = nullptr;
  bool cancelled_ = false;
};

// Waits for `duration`; Errc::cancelled when the slot is told to stop, else no error.
awaitable<ErrorCode> pause_for(Loop& loop, Duration duration, CancelSlot& slot);

}  // namespace spillway::net
