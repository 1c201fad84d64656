#include "attempt.hpp"

#include <algorithm>
#include <array>

#include "spillway/http/writer.hpp"

namespace spillway::forward {
namespace {

// Tells of an answer that comes while the request is still being sent.
class EarlyAnswer final : public net::Watcher {
 public:
  explicit EarlyAnswer(net::Stream& stream) : stream_(stream) { stream_.watch(*this); }
  ~EarlyAnswer() { stream_.unwatch(); }
  EarlyAnswer(const EarlyAnswer&) = delete;
  EarlyAnswer& operator=(const EarlyAnswer&) = delete;

  void on_readable() override {
    seen_ = true;
    stream_.cancel();
  }
  bool seen() const noexcept { return seen_; }

 private:
  net::Stream& stream_;
  bool seen_ = false;
};

constexpr Milliseconds answer_after_break{2'000};
constexpr Milliseconds look_for_client{500};
// How long the head waits for the beginning of its body.
constexpr Milliseconds body_after_head{250};

}  // namespace

void Attempt::fail(ErrorCode error, Stage stage, Blame blame) {
  failure_.error = error;
  failure_.stage = stage;
  failure_.blame = error == Errc::cancelled ? Blame::client : blame;
  failure_.reused_connection = answer_ && answer_->on_reused_connection();
  answered_ = false;
}

awaitable<bool> Attempt::connect(bool fresh) {
  net::Connection connection;
  if (!fresh && connections_.take(endpoint_, connection)) {
    answer_ = std::make_unique<Answer>(loop_, std::move(connection));
    co_return true;
  }
  const TimePoint deadline = earliest(deadline_, deadline_after(loop_.now(), timeouts_.connect));
  net::DialFailure why;
  const bool connected = co_await connections_.dial(endpoint_, deadline, slot_, connection, why);
  if (connected) {
    answer_ = std::make_unique<Answer>(loop_, std::move(connection));
    co_return true;
  }
  fail(why.error, why.stage, Blame::backend);
  if (why.error == Errc::no_connection_slot) failure_.blame = Blame::gateway;
  detail_ = why.detail;
  co_return false;
}

// While the backend takes nothing, nothing is read from the client, so its leaving has to be looked for.
awaitable<ErrorCode> Attempt::wait_for_room(net::Stream& stream) {
  const TimePoint limit = earliest(deadline_, deadline_after(loop_.now(), timeouts_.stream_idle));
  for (;;) {
    const TimePoint next = uploading_ == nullptr ? limit : earliest(limit, loop_.now() + look_for_client);
    const ErrorCode error = co_await stream.wait(net::Ready::write, next);
    if (error != Errc::timeout || next == limit) co_return error;
    if (!uploading_->client_left_early()) continue;
    client_error_ = Errc::end_of_stream;
    co_return client_error_;
  }
}

// Writes until everything is with the kernel, the backend answers early, or an error.
awaitable<ErrorCode> Attempt::send(std::span<const asio::const_buffer> buffers) {
  net::Stream& stream = answer_->stream();
  std::array<asio::const_buffer, 6> rest;
  std::size_t count = 0;
  for (const asio::const_buffer& buffer : buffers) {
    if (buffer.size() != 0) rest[count++] = buffer;
  }
  std::size_t first = 0;
  while (first < count) {
    const std::span<const asio::const_buffer> offered(rest.data() + first, count - first);
    net::Io io = stream.try_write(offered);
    if (io.error == Errc::would_block) {
      if (slot_.cancelled()) co_return Errc::cancelled;
      const net::CancelSlot::Guard guard(slot_, stream);
      const EarlyAnswer early(stream);
      const ErrorCode error = co_await wait_for_room(stream);
      if (slot_.cancelled() || client_error_) co_return Errc::cancelled;
      if (early.seen()) {
        upload_stopped_ = answer_->poll();  // a TLS session ticket is no answer
        if (upload_stopped_) co_return ErrorCode();
      } else if (error) {
        co_return error;
      }
      continue;
    }
    if (io.error) co_return io.error;
    while (first < count && io.bytes >= rest[first].size()) io.bytes -= rest[first++].size();
    if (first < count) rest[first] += io.bytes;
  }
  co_return ErrorCode();
}

awaitable<ErrorCode> Attempt::send_rest(listener::Exchange& client, bool chunked) {
  for (;;) {
    // A backend that has answered already wants no more of it.
    upload_stopped_ = answer_->poll();
    if (upload_stopped_) co_return ErrorCode();
    const listener::BodyResult piece = co_await client.read_piece();
    if (piece.error) {
      client_error_ = piece.error;
      co_return piece.error;
    }
    std::array<asio::const_buffer, 4> parts;
    const http::ChunkHeader header(piece.bytes.empty() ? 1 : piece.bytes.size());
    if (chunked && !piece.bytes.empty()) {
      parts[0] = asio::buffer(header.text().data(), header.text().size());
      parts[2] = asio::buffer(http::chunk_end.data(), http::chunk_end.size());
    }
    parts[1] = asio::buffer(piece.bytes.data(), piece.bytes.size());
    if (chunked && piece.complete) parts[3] = asio::buffer(http::last_chunk.data(), http::last_chunk.size());
    const ErrorCode error = co_await send(parts);
    if (error) co_return error;
    if (piece.complete || upload_stopped_) co_return ErrorCode();
  }
}

awaitable<void> Attempt::read_head(bool to_head_request) {
  if (upload_stopped_) answer_->forbid_reuse();
  const TimePoint limit = earliest(deadline_, deadline_after(loop_.heard(), timeouts_.first_byte));
  answered_ = co_await answer_->read_head(to_head_request, handshake_, limit, slot_);
  if (answered_ && !answer_->has_more_now()) {
    const TimePoint until = earliest(deadline_, loop_.heard() + body_after_head);
    answered_ = co_await answer_->await_body(until, slot_);
  }
  if (answered_) co_return;
  failure_ = answer_->failure();
  if (failure_.error == Errc::end_of_stream) failure_.error = Errc::truncated;
}

// A backend may refuse a large body and close: its answer is worth more than the write error.
void Attempt::expect_refusal() noexcept {
  deadline_ = earliest(deadline_, loop_.now() + answer_after_break);
  answer_->forbid_reuse();
}

awaitable<void> Attempt::exchange(const Outgoing& request, bool to_head_request) {
  std::array<asio::const_buffer, 4> parts;
  parts[0] = asio::buffer(request.head.data(), request.head.size());
  for (std::size_t i = 0; i < request.body.size(); ++i) {
    parts[i + 1] = asio::buffer(request.body[i].data(), request.body[i].size());
  }
  const ErrorCode sent = co_await send(parts);
  if (sent == Errc::timeout || sent == Errc::cancelled || (sent && answer_->on_reused_connection())) {
    fail(sent, Stage::send, Blame::backend);
    co_return;
  }
  if (sent) expect_refusal();
  co_await read_head(to_head_request);
  if (!answered_ && sent) fail(sent, Stage::send, Blame::backend);
}

awaitable<void> Attempt::run(const Outgoing& request, bool to_head_request) {
  const TimePoint begun = loop_.now();
  const TimePoint deadline = deadline_;
  bool connected = co_await connect(false);
  if (connected) {
    co_await exchange(request, to_head_request);
    const bool stale = !answered_ && failure_.reused_connection && !failure_.answer_begun &&
                       failure_.error != Errc::timeout && failure_.error != Errc::cancelled && !slot_.cancelled();
    if (stale) {
      failure_ = Failure();
      answer_.reset();
      deadline_ = deadline;
      connected = co_await connect(true);
      if (connected) co_await exchange(request, to_head_request);
    }
  }
  waited_ = std::max(Duration::zero(), loop_.heard() - begun);
}

awaitable<void> Attempt::run_streamed(const Outgoing& request, listener::Exchange& client, bool chunked,
                                      bool to_head_request) {
  // Nothing could be sent again, so an idle connection that may be stale is not good enough.
  const bool connected = co_await connect(true);
  if (!connected) co_return;
  std::array<asio::const_buffer, 6> parts;
  parts[0] = asio::buffer(request.head.data(), request.head.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < request.body.size(); ++i) {
    parts[i + 2] = asio::buffer(request.body[i].data(), request.body[i].size());
    size += request.body[i].size();
  }
  uploading_ = &client;
  const http::ChunkHeader header(size == 0 ? 1 : size);
  if (chunked && size != 0) {
    parts[1] = asio::buffer(header.text().data(), header.text().size());
    parts[5] = asio::buffer(http::chunk_end.data(), http::chunk_end.size());
  }
  ErrorCode error = co_await send(parts);
  if (!error && !upload_stopped_) error = co_await send_rest(client, chunked);
  if (client_error_) {
    fail(client_error_, Stage::send, Blame::client);
    answer_->stream().abort();
    co_return;
  }
  if (error == Errc::timeout || error == Errc::cancelled) {
    fail(error, Stage::send, Blame::backend);
    co_return;
  }
  const TimePoint begun = loop_.now();
  if (error) expect_refusal();
  // With the body read, the client's leaving can be seen.
  client.on_client_gone(&slot_);
  co_await read_head(to_head_request);
  if (!answered_ && error) fail(error, Stage::send, Blame::backend);
  waited_ = std::max(Duration::zero(), loop_.heard() - begun);
}

}  // namespace spillway::forward
