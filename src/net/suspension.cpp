#include "spillway/net/suspension.hpp"

#include <boost/asio/post.hpp>

namespace spillway::net {

Suspension::Suspension(Loop& loop) noexcept
    : loop_(loop),
      alarm_(loop.timers(), [](void* self) { static_cast<Suspension*>(self)->resume(Errc::timeout); }, this) {}

Suspension::~Suspension() = default;

awaitable<ErrorCode> Suspension::until(TimePoint deadline) {
  alarm_.set(deadline);
  const auto initiation = [this](Handler handler) { handler_.emplace(std::move(handler)); };
  const Wake wake =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Wake)>(initiation, asio::use_awaitable);
  co_return wake.error;
}

void Suspension::resume(ErrorCode error) {
  if (!handler_) return;
  alarm_.clear();
  Handler handler = std::move(*handler_);
  handler_.reset();
  handler(Wake(error));
}

void Suspension::cancel() noexcept {
  if (!handler_) return;
  alarm_.clear();
  Handler handler = std::move(*handler_);
  handler_.reset();
  asio::post(loop_.context(), [handler = std::move(handler)]() mutable { handler(Wake(Errc::cancelled)); });
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
