#include <array>

#include "session.hpp"

namespace spillway::listener {

bool Session::bodyless(int status) const noexcept {
  return to_head_ || status == 204 || status == 304 || status < 200;
}

// Whether the connection can be kept after this answer, as far as that is known before it.
bool Session::will_keep_alive() const noexcept {
  return head().keep_alive && !hub_.draining_ && !overloaded_ && can_discard();
}

awaitable<ErrorCode> Session::send(const Reply& reply) {
  std::string fields;
  http::append_status_line(fields, reply.status);
  if (!reply.content_type.empty()) http::append_field(fields, "Content-Type", reply.content_type);
  fields.append(reply.extra_fields);
  AnswerBody body;
  body.kind = AnswerBody::Kind::length;
  body.length = reply.body.size();
  begin(reply.status, std::move(fields), body);
  const ErrorCode error = co_await put(reply.body, true);
  co_return error;
}

void Session::begin(int status, std::string fields, AnswerBody body) {
  answer_head_ = std::move(fields);
  keep_alive_ = will_keep_alive();
  answer_length_ = body.length;
  if (body.kind == AnswerBody::Kind::length && status != 204 && status >= 200) {
    http::append_field(answer_head_, "Content-Length", body.length);
  }
  if (bodyless(status) || body.kind == AnswerBody::Kind::none) {
    coding_ = Coding::none;
    if (!bodyless(status)) http::append_field(answer_head_, "Content-Length", std::uint64_t{0});
  } else if (body.kind == AnswerBody::Kind::length) {
    coding_ = Coding::length;
  } else if (head().minor_version >= 1) {
    coding_ = Coding::chunked;
    http::append_field(answer_head_, "Transfer-Encoding", "chunked");
  } else {
    coding_ = Coding::until_close;  // HTTP/1.0 knows no chunks
    keep_alive_ = false;
  }
  if (!keep_alive_)
    http::append_field(answer_head_, "Connection", "close");
  else if (head().minor_version == 0)
    http::append_field(answer_head_, "Connection", "keep-alive");
  answer_head_.append("\r\n");
}

awaitable<ErrorCode> Session::write(std::string_view piece) {
  const ErrorCode error = co_await put(piece, false);
  co_return error;
}

awaitable<ErrorCode> Session::finish(std::string_view last) {
  const ErrorCode error = co_await put(last, true);
  co_return error;
}

// Head (the first time), framing, piece and end in one gathered write.
awaitable<ErrorCode> Session::put(std::string_view piece, bool last) {
  if (broken_ || gone_ || aborted_) co_return Errc::cancelled;
  if (coding_ == Coding::none) piece = {};
  answer_bytes_ += piece.size();
  const bool complete = coding_ != Coding::length || answer_bytes_ == answer_length_;
  if ((last && !complete) || (coding_ == Coding::length && answer_bytes_ > answer_length_)) {
    // Fewer or more bytes than announced: the client must not take it for whole.
    break_off();
    co_return Errc::bad_message;
  }
  const bool chunk = coding_ == Coding::chunked && !piece.empty();
  const http::ChunkHeader chunk_header(chunk ? piece.size() : 1);
  std::array<asio::const_buffer, 5> parts;
  parts[0] = asio::buffer(answer_head_.data(), answer_head_.size());
  if (chunk) parts[1] = asio::buffer(chunk_header.text().data(), chunk_header.text().size());
  parts[2] = asio::buffer(piece.data(), piece.size());
  if (chunk) parts[3] = asio::buffer(http::chunk_end.data(), http::chunk_end.size());
  if (last && coding_ == Coding::chunked) parts[4] = asio::buffer(http::last_chunk.data(), http::last_chunk.size());
  answer_begun_ = true;
  const ErrorCode error = co_await stream_->write(parts, options_.write_idle);
  std::string().swap(answer_head_);  // a stream may last for minutes
  if (error) {
    // What a client does not take must not wait in the kernel for it.
    if (error == Errc::timeout) stream_->abort();
    lost();
    co_return error;
  }
  if (last) answer_done_ = true;
  co_return ErrorCode();
}

awaitable<ErrorCode> Session::switch_protocols(std::string head, std::string_view first) {
  stream_->unwatch();
  gone_target_ = nullptr;
  if (broken_ || gone_ || aborted_) co_return Errc::cancelled;
  head.append("\r\n");
  keep_alive_ = false;
  answer_begun_ = true;
  std::array<asio::const_buffer, 2> parts;
  parts[0] = asio::buffer(head.data(), head.size());
  parts[1] = asio::buffer(first.data(), first.size());
  const ErrorCode error = co_await stream_->write(parts, options_.write_idle);
  if (error) {
    if (error == Errc::timeout) stream_->abort();
    lost();
    co_return error;
  }
  answer_done_ = true;
  co_return ErrorCode();
}

std::string Session::take_early_bytes() {
  std::string bytes(input());
  begin_ = end_;
  return bytes;
}

void Session::on_dismissal(Dismissible* target) {
  dismissal_target_ = target;
  if (hub_.dismissed_) dismiss();
}

void Session::break_off() noexcept {
  if (broken_) return;
  broken_ = true;
  if (!stream_) return;
  // Where only the end of the connection ends the body, an orderly end would make the answer look whole.
  if (!answer_begun_ || coding_ == Coding::until_close)
    stream_->abort();
  else
    stream_->close();
}

}  // namespace spillway::listener
