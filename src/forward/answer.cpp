#include "answer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "spillway/http/websocket.hpp"

namespace spillway::forward {
namespace {

constexpr int interim_answers_at_most = 10;
constexpr http::HeadLimits answer_limits{60 << 10, 1000};

}  // namespace

Answer::Answer(net::Loop& loop, net::Connection connection)
    : loop_(loop), connection_(std::move(connection)), buffer_(loop.buffers()), reader_(answer_limits) {
  failure_.reused_connection = connection_.reused;
}

bool Answer::fail(ErrorCode error, Stage stage) noexcept {
  failure_.error = error;
  failure_.stage = stage;
  failure_.blame = error == Errc::cancelled ? Blame::client : Blame::backend;
  failure_.answer_begun = begun_;
  return false;
}

// Reads behind what is there; the buffer is given back for the time of a wait when it holds nothing.
awaitable<ErrorCode> Answer::more(TimePoint deadline, net::CancelSlot& slot) {
  const net::CancelSlot::Guard guard(slot, *connection_.stream);
  for (;;) {
    if (slot.cancelled()) co_return Errc::cancelled;
    buffer_.take();
    if (begin_ == end_ && head_read_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) co_return Errc::too_large;
    const net::Io io = connection_.stream->try_read(asio::buffer(buffer_.data() + end_, buffer_.size() - end_));
    if (!io.error) {
      end_ += io.bytes;
      begun_ = true;
      co_return ErrorCode();
    }
    if (io.error != Errc::would_block) co_return io.error;
    if (begin_ == end_ && (head_read_ || end_ == 0)) {
      buffer_.release();
      begin_ = end_ = 0;
      if (head_read_) reader_.forget_fields();  // they were in the buffer
    }
    const ErrorCode error = co_await connection_.stream->wait(net::Ready::read, deadline);
    if (error) co_return error;
  }
}

bool Answer::poll() noexcept {
  buffer_.take();
  const net::Io io = connection_.stream->try_read(asio::buffer(buffer_.data() + end_, buffer_.size() - end_));
  end_ += io.bytes;
  if (end_ == 0) buffer_.release();
  // An end or an error is an answer too: there is no point in sending on.
  begun_ = begun_ || io.bytes != 0;
  return begun_ || io.error != Errc::would_block;
}

awaitable<bool> Answer::read_head(bool to_head_request, const http::RequestHead* handshake, TimePoint deadline,
                                  net::CancelSlot& slot) {
  for (int interim = 0;;) {
    const http::ReadState state = begin_ == end_
                                      ? http::ReadState::need_more
                                      : reader_.parse({buffer_.data() + begin_, end_ - begin_}, to_head_request);
    if (state == http::ReadState::rejected) co_return fail(Errc::bad_message, Stage::read_head);
    if (state == http::ReadState::need_more) {
      const ErrorCode error = co_await more(deadline, slot);
      if (error) co_return fail(error, Stage::read_head);
      continue;
    }
    begin_ += reader_.size();
    const int status = reader_.head().status;
    if (status >= 200) break;
    if (status == 101 && handshake != nullptr && http::completes_handshake(reader_.head(), *handshake)) {
      forbid_reuse();
      break;
    }
    // Any other 101 was not asked for, and interim answers without end are no answer.
    if (status == 101 || ++interim > interim_answers_at_most) co_return fail(Errc::bad_message, Stage::read_head);
    reader_.reset();
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const http::ResponseHead& answer = reader_.head();
  framing_ = answer.framing;
  remaining_ = answer.content_length;
  keep_alive_ = answer.keep_alive;
  complete_ = framing_ == http::Framing::none || (framing_ == http::Framing::length && remaining_ == 0);
  if (!complete_ && begin_ != end_) gather_piece();
  co_return begins_well();
}

awaitable<bool> Answer::await_body(TimePoint until, net::CancelSlot& slot) {
  while (!has_more_now() && end_ != buffer_.size()) {
    const ErrorCode error = co_await more(until, slot);
    if (error == Errc::timeout) break;
    if (ends_body(error)) break;
    if (error) co_return fail_body(error);
    gather_piece();
  }
  co_return begins_well();
}

// Whether the end of the connection is that of the body; then it is complete.
bool Answer::ends_body(const ErrorCode& error) noexcept {
  if (error != Errc::end_of_stream || framing_ != http::Framing::until_close) return false;
  complete_ = true;
  keep_alive_ = false;
  return true;
}

bool Answer::fail_body(const ErrorCode& error) noexcept {
  return fail(error == Errc::end_of_stream ? ErrorCode(Errc::truncated) : error, Stage::read_body);
}

bool Answer::begins_well() noexcept {
  return !malformed_ || !gathered_.empty() || fail(Errc::bad_message, Stage::read_body);
}

// Takes body bytes out of what has been read. False when they break the framing.
bool Answer::take_piece() noexcept {
  const std::size_t there = end_ - begin_;
  if (framing_ == http::Framing::chunked) {
    const http::ChunkDecoder::Step step = decoder_.decode({buffer_.data() + begin_, there});
    piece_ = {buffer_.data() + begin_, step.payload};
    begin_ += step.consumed;
    complete_ = step.state == http::ReadState::complete;
    return step.state != http::ReadState::rejected;
  }
  const std::size_t size =
      framing_ == http::Framing::length ? static_cast<std::size_t>(std::min<std::uint64_t>(there, remaining_)) : there;
  piece_ = {buffer_.data() + begin_, size};
  begin_ += size;
  if (framing_ == http::Framing::length) {
    remaining_ -= size;
    complete_ = remaining_ == 0;
  }
  return true;
}

awaitable<bool> Answer::read_piece(Milliseconds idle, TimePoint deadline, net::CancelSlot& slot) {
  piece_ = std::exchange(gathered_, {});
  while (!complete_ && !malformed_ && piece_.empty()) {
    if (begin_ == end_) {
      head_read_ = true;
      const TimePoint limit = earliest(deadline, deadline_after(loop_.heard(), idle));
      const ErrorCode error = co_await more(limit, slot);
      if (ends_body(error)) break;
      if (error) co_return fail_body(error);
    }
    malformed_ = !take_piece();
  }
  // What came before the break goes out first.
  if (malformed_ && piece_.empty()) co_return fail(Errc::bad_message, Stage::read_body);
  co_return true;
}

// Adds body bytes out of what has been read to those that are gathered, so that they stand in one piece.
void Answer::gather_piece() noexcept {
  const char* const front = gathered_.empty() ? buffer_.data() + begin_ : gathered_.data();
  malformed_ = !take_piece();
  gathered_ = {front, gathered_.size() + piece_.size()};
  piece_ = {};
  // Closes the gap that the framing of a chunk has left.
  if (begin_ == end_) begin_ = end_ = static_cast<std::size_t>(front - buffer_.data()) + gathered_.size();
}

void Answer::gather() noexcept {
  connection_.stream->look_afresh();
  while (!complete_ && !malformed_) {
    if (begin_ == end_) {
      if (end_ == buffer_.size()) break;
      const net::Io io = connection_.stream->try_read(asio::buffer(buffer_.data() + end_, buffer_.size() - end_));
      if (ends_body(io.error) || io.error) break;
      end_ += io.bytes;
    }
    gather_piece();
  }
}

void Answer::discard() noexcept {
  constexpr int reads_at_most = 4;
  if (!complete_) connection_.stream->look_afresh();
  for (int reads = 0; !complete_ && reads < reads_at_most; ++reads) {
    if (begin_ == end_) {
      head_read_ = true;
      begin_ = end_ = 0;
      buffer_.take();
      const net::Io io = connection_.stream->try_read(asio::buffer(buffer_.data(), buffer_.size()));
      if (io.error) return;
      end_ = io.bytes;
    }
    malformed_ = !take_piece();
    if (malformed_) return;
  }
}

std::string Answer::take_rest() {
  std::string rest(buffer_.data() + begin_, end_ - begin_);
  begin_ = end_ = 0;
  buffer_.release();
  return rest;
}

bool Answer::reusable() const noexcept {
  return complete_ && keep_alive_ && reuse_allowed_ && begin_ == end_ && framing_ != http::Framing::until_close &&
         connection_.stream && connection_.stream->is_open();
}

}  // namespace spillway::forward
