#include "spillway/net/suspension.hpp"

#include <boost/asio/post.hpp>

namespace spillway::net {

Suspension::Suspension(Loop& loop) noexcept
    : loop_(loop),
      alarm_(loop.timers(), [](void* self) { static_cast<Suspension*>(self)->resume(Errc::timeout); }, this) {}

Suspension::~Suspension() = default;

Suspension::Wait Suspension::until(TimePoint deadline) {
  alarm_.set(deadline);
  return Wait(*this);
}

void Suspension::resume(ErrorCode error) {
  if (!waiting()) return;
  alarm_.clear();
  woken_with_ = error;
  std::exchange(who_, nullptr).resume();
}

void Suspension::cancel() noexcept {
  if (!waiting()) return;
  alarm_.clear();
  woken_with_ = Errc::cancelled;
  asio::post(loop_.context(), [who = std::exchange(who_, nullptr)] { who.resume(); });
}

void RemoteWake::Line::cut() noexcept {
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
  target_ = nullptr;
}

void RemoteWake::Line::wake() {
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr) return;
  loop_->post([self = shared_from_this()] {
    if (self->target_ != nullptr) self->target_->resume();
  });
}

awaitable<ErrorCode> pause_for(Loop& loop, Duration duration, CancelSlot& slot) {
  if (slot.cancelled()) co_return Errc::cancelled;
  Suspension suspension(loop);
  const CancelSlot::Guard guard(slot, suspension);
  const TimePoint deadline = loop.now() + duration;
  const ErrorCode error = co_await suspension.until(deadline);
  if (error == Errc::timeout) co_return ErrorCode();
  co_return error;
}

}  // namespace spillway::net
