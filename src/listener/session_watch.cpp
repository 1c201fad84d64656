#include <utility>

#include "session.hpp"

namespace spillway::listener {

void Session::release_request() noexcept {
  if (!body_complete_) return;  // its head says how the rest is framed
  front_ = 0;
  drop_body();
  if (begin_ == end_) {
    in_.release();
    begin_ = end_ = 0;
  }
  if (input_full_ && gone_target_ != nullptr) look();
}

void Session::on_client_gone(net::Cancellable* target) {
  gone_target_ = target;
  if (target == nullptr) return;
  if (gone_) return target->cancel();
  if (body_complete_) start_watch();
}

void Session::start_watch() {
  if (stream_->has_buffered())
    look();
  else
    stream_->watch(*this);
}

void Session::on_readable() {
  look();
}

// The client sent more, or has gone. Early bytes of a next request are kept, as many as the buffer holds; when it is
// full the watch ends, and so does the reading.
void Session::look() {
  for (;;) {
    make_room();
    input_full_ = end_ == in_.size();
    if (input_full_) return;
    const ErrorCode error = fill(in_.size());
    if (!error) continue;
    if (begin_ == end_ && front_ == 0) {
      in_.release();
      begin_ = end_ = 0;
    }
    if (error == Errc::would_block) return stream_->watch(*this);
    return lost();
  }
}

void Session::lost() noexcept {
  gone_ = true;
  if (stream_) stream_->cancel();  // what is being written to it is not waited for any longer
  if (net::Cancellable* const target = std::exchange(gone_target_, nullptr)) target->cancel();
}

}  // namespace spillway::listener
