#pragma once

#include <coroutine>
#include <memory>
#include <mutex>
#include <utility>

#include "spillway/base/error.hpp"
#include "spillway/base/time.hpp"
#include "spillway/net/awaitable.hpp"
#include "spillway/net/cancel.hpp"
#include "spillway/net/loop.hpp"

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

  // To be awaited at once: `co_await suspension.until(deadline)`. Gives an ErrorCode.
  class Wait {
   public:
    // One that is over before it begins.
    explicit Wait(ErrorCode error) noexcept : error_(error) {}
    bool await_ready() const noexcept { return suspension_ == nullptr; }
    void await_suspend(std::coroutine_handle<> who) noexcept { suspension_->who_ = who; }
    ErrorCode await_resume() const noexcept { return suspension_ == nullptr ? error_ : suspension_->woken_with_; }

   private:
    friend class Suspension;
    explicit Wait(Suspension& suspension) noexcept : suspension_(&suspension) {}
    Suspension* suspension_ = nullptr;
    ErrorCode error_;
  };

  // Waits until `resume` (no error, or the one given), `deadline` (Errc::timeout) or `cancel` (Errc::cancelled). What
  // happens before the wait is not remembered.
  Wait until(TimePoint deadline);

  // Continues the coroutine inside this call. Does nothing when none waits.
  void resume(ErrorCode error = {});
  // Continues it soon, from the loop.
  void cancel() noexcept override;

  bool waiting() const noexcept { return who_ != nullptr; }

 private:
  Loop& loop_;
  Alarm alarm_;
  std::coroutine_handle<> who_;  // waits, if anybody does
  ErrorCode woken_with_;
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

// Waits for `duration`; Errc::cancelled when the slot is told to stop, else no error.
awaitable<ErrorCode> pause_for(Loop& loop, Duration duration, CancelSlot& slot);

}  // namespace spillway::net
