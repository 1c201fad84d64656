#include <algorithm>
#include <cstring>
#include <new>

#include "session.hpp"

namespace spillway::listener {
namespace {

// An unread body of at most this size is read and thrown away to keep the connection; beyond it a new one is cheaper.
constexpr std::uint64_t discard_at_most = 4 << 20;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

// What ends a body, but not the client.
bool can_be_told(const ErrorCode& error) noexcept {
  return error == Errc::timeout || error == Errc::too_large || error == Errc::bad_message || error == Errc::no_memory;
}

}  // namespace

// Moves what is there to the front, behind what is still in use.
void Session::make_room() {
  in_.take();
  if (begin_ == end_) {
    begin_ = end_ = front_;
  } else if (end_ >= request_room && begin_ > front_) {
    std::memmove(in_.data() + front_, in_.data() + begin_, available());
    end_ = front_ + available();
    begin_ = front_;
  }
}

ErrorCode Session::fill(std::size_t limit) noexcept {
  const net::Io io = stream_->try_read(asio::buffer(in_.data() + end_, limit - end_));
  if (!io.error) end_ += io.bytes;
  return io.error;
}

// Whether bytes have come that nobody has waited for.
bool Session::has_arrived() {
  make_room();
  stream_->look_afresh();
  return !fill(request_room);
}

// Reads at least one byte behind what is there. An empty buffer is given back for the time of the wait.
awaitable<ErrorCode> Session::more_input(TimePoint deadline) {
  for (;;) {
    make_room();
    if (end_ >= request_room) co_return Errc::too_large;
    ErrorCode error = fill(request_room);
    if (error != Errc::would_block) co_return error;
    if (begin_ == end_ && front_ == 0) {
      in_.release();
      begin_ = end_ = 0;
    }
    error = co_await stream_->wait(net::Ready::read, deadline);
    if (error) co_return error;
  }
}

awaitable<ErrorCode> Session::send_continue() {
  continue_owed_ = false;
  if (available() != 0) co_return ErrorCode();  // the client did not wait
  const ErrorCode error = co_await stream_->write(continue_line, options_.write_idle);
  co_return error;
}

// More input for the body, with the body's deadline.
awaitable<ErrorCode> Session::more_body() {
  if (continue_owed_) {
    const ErrorCode error = co_await send_continue();
    if (error) co_return error;
  }
  const TimePoint deadline = deadline_after(hub_.loop_.heard(), options_.request_body_idle);
  const ErrorCode error = co_await more_input(deadline);
  co_return error;
}

bool Session::reserve_body(std::uint64_t size) {
  if (size <= body_capacity_) return true;
  const std::size_t capacity = std::max<std::size_t>(static_cast<std::size_t>(size), body_capacity_ * 2);
  std::unique_ptr<char[]> larger(new (std::nothrow) char[capacity]);  // not zeroed
  if (!larger) return false;
  if (body_size_ != 0) std::memcpy(larger.get(), body_.get(), body_size_);
  body_ = std::move(larger);
  body_capacity_ = capacity;
  return true;
}

ErrorCode Session::append_body(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (!body_share_.cover(body_size_ + bytes.size()) || !reserve_body(body_size_ + bytes.size())) return Errc::no_memory;
  std::memcpy(body_.get() + body_size_, bytes.data(), bytes.size());
  body_size_ += bytes.size();
  return {};
}

void Session::drop_body() noexcept {
  body_.reset();
  body_share_.release();
  body_size_ = body_capacity_ = 0;
  body_in_place_ = {};
}

// Takes chunked bytes apart, at most `most` of the input. False on a broken or too large body.
bool Session::decode(std::size_t most, std::string_view& payload, ErrorCode& error) {
  const http::ChunkDecoder::Step step = decoder_.decode({in_.data() + begin_, std::min(available(), most)});
  payload = {in_.data() + begin_, step.payload};
  begin_ += step.consumed;
  body_bytes_ += step.payload;
  if (step.state == http::ReadState::complete) body_complete_ = true;
  if (step.state == http::ReadState::rejected) error = Errc::bad_message;
  if (decoder_.announced() > options_.max_request_body) error = Errc::too_large;
  return !error;
}

// Reads into body_ until it has `target` bytes or is complete.
awaitable<ErrorCode> Session::fill_body(std::uint64_t target) {
  const http::RequestHead& request = head();
  if (request.framing == http::Framing::chunked) {
    while (!body_complete_ && body_size_ < target) {
      ErrorCode error;
      if (available() == 0) error = co_await more_body();
      if (error) co_return error;
      std::string_view payload;
      if (!decode(static_cast<std::size_t>(target - body_size_), payload, error)) co_return error;
      error = append_body(payload);
      if (error) co_return error;
    }
    co_return ErrorCode();
  }
  const std::uint64_t wanted = std::min(target, request.content_length);
  if (!reserve_body(wanted)) co_return Errc::no_memory;
  const std::size_t there = std::min<std::size_t>(available(), static_cast<std::size_t>(wanted - body_size_));
  const ErrorCode full = append_body({in_.data() + begin_, there});
  if (full) co_return full;
  begin_ += there;
  body_bytes_ += there;
  while (body_size_ < wanted) {
    if (continue_owed_) {
      const ErrorCode refused = co_await send_continue();
      if (refused) co_return refused;
    }
    // Straight into its place: the body is copied by the kernel only.
    const asio::mutable_buffer room(body_.get() + body_size_, static_cast<std::size_t>(wanted) - body_size_);
    const TimePoint deadline = deadline_after(hub_.loop_.heard(), options_.request_body_idle);
    const net::Io io = co_await stream_->read_some(room, deadline);
    if (io.error) co_return io.error;
    body_size_ += io.bytes;
    body_bytes_ += io.bytes;
    // What was announced and has not come takes no memory yet.
    if (!body_share_.cover(body_size_)) co_return Errc::no_memory;
  }
  body_complete_ = body_bytes_ == request.content_length;
  co_return ErrorCode();
}

awaitable<BodyResult> Session::read_body(std::uint64_t limit) {
  BodyResult result;
  const http::RequestHead& request = head();
  const bool fits = request.framing == http::Framing::length && body_size_ == 0 && request.content_length <= limit &&
                    request.content_length <= available();
  if (!body_complete_ && !body_error_) {
    if (fits) {
      body_in_place_ = input().substr(0, static_cast<std::size_t>(request.content_length));
      begin_ += body_in_place_.size();
      front_ = begin_;
      body_bytes_ = body_in_place_.size();
      body_complete_ = true;
      continue_owed_ = false;
    } else {
      body_error_ = co_await fill_body(limit);
    }
  }
  if (body_error_ && !can_be_told(body_error_)) lost();
  result.error = body_error_;
  result.complete = body_complete_;
  result.bytes = body_in_place_.data() != nullptr ? body_in_place_ : std::string_view(body_.get(), body_size_);
  co_return result;
}

awaitable<BodyResult> Session::read_piece() {
  BodyResult result;
  if (!body_complete_) front_ = head_end_;  // the piece before is no longer looked at
  while (!body_complete_ && !body_error_) {
    if (available() == 0) body_error_ = co_await more_body();
    if (body_error_) break;
    if (head().framing == http::Framing::chunked) {
      if (!decode(available(), result.bytes, body_error_)) break;
    } else {
      const std::uint64_t rest = head().content_length - body_bytes_;
      result.bytes = input().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(rest, available())));
      begin_ += result.bytes.size();
      body_bytes_ += result.bytes.size();
      body_complete_ = body_bytes_ == head().content_length;
    }
    if (!result.bytes.empty()) break;
  }
  if (body_error_ && !can_be_told(body_error_)) lost();
  front_ = std::max(front_, begin_);
  if (body_complete_ && gone_target_ != nullptr) start_watch();
  result.error = body_error_;
  result.complete = body_complete_;
  co_return result;
}

// Whether `discard_body` may come to an end, as far as that is known.
bool Session::can_discard() const noexcept {
  if (body_error_) return false;  // also when too large a body has been read to its end
  if (body_complete_) return true;
  if (continue_owed_) return false;
  return head().framing != http::Framing::length || head().content_length - body_bytes_ <= discard_at_most;
}

// Reads what is left of a small body nobody wanted, so that the next request can be found. False when that is not worth
// it.
awaitable<bool> Session::discard_body() {
  if (!can_discard()) co_return false;
  const std::uint64_t before = body_bytes_;
  while (!body_complete_ && body_bytes_ - before <= discard_at_most) {
    const BodyResult piece = co_await read_piece();
    if (piece.error) co_return false;
  }
  co_return body_complete_;
}

}  // namespace spillway::listener
