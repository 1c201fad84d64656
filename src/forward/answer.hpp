#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spillway/base/failure.hpp"
#include "spillway/http/reader.hpp"
#include "spillway/net/connection.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::forward {

namespace asio = boost::asio;
using net::awaitable;

// A backend's answer while it is read. Holds the connection, and a buffer only while there are bytes.
class Answer {
 public:
  Answer(net::Loop& loop, net::Connection connection);

  // Reads the head of the final answer; interim ones (1xx) are skipped. A 101 is one only when it completes
  // `handshake`; null: none was sent. False: `failure` says why; that may be a body that is broken from its beginning.
  awaitable<bool> read_head(bool to_head_request, const http::RequestHead* handshake, TimePoint deadline,
                            net::CancelSlot& slot);

  const http::ResponseHead& head() const noexcept { return reader_.head(); }
  // Any byte of an answer has come.
  bool begun() const noexcept { return begun_; }
  // Looks, without waiting, whether any has: while the request is still being sent.
  bool poll() noexcept;
  // The request was not sent to its end: whatever the answer, the connection carries no other.
  void forbid_reuse() noexcept { reuse_allowed_ = false; }
  // Body bytes, or the end, are there without a wait.
  bool has_more_now() const noexcept { return complete_ || !gathered_.empty() || begin_ != end_; }
  // Waits for that, at most until then: as long as nothing of the answer has been passed on, a backend that breaks can
  // be replaced. The head stays valid. False: it has broken; `failure` says how.
  awaitable<bool> await_body(TimePoint until, net::CancelSlot& slot);

  // The next piece of the body, at least one byte unless it is complete or broken; valid until the next call. `idle`
  // bounds the wait for it. False: `failure` says why. The head is no longer valid after the first call that has to
  // wait.
  awaitable<bool> read_piece(Milliseconds idle, TimePoint deadline, net::CancelSlot& slot);
  std::string_view piece() const noexcept { return piece_; }
  bool complete() const noexcept { return complete_; }

  // Takes in the rest of the body as far as it is here already and there is room: never waits. When that was all of it,
  // the connection is not needed any more. Before the first `read_piece`; the head stays valid.
  void gather() noexcept;
  // Throws away what is left of the body as far as it is here already: never waits.
  void discard() noexcept;

  // What came behind a 101, for whoever takes the connection over; the buffer is given back and the head with it.
  std::string take_rest();

  const Failure& failure() const noexcept { return failure_; }

  // The whole answer was read, nothing stands behind it and the backend keeps the connection: it can carry another
  // request.
  bool reusable() const noexcept;
  net::Connection& connection() noexcept { return connection_; }
  net::Stream& stream() noexcept { return *connection_.stream; }
  bool on_reused_connection() const noexcept { return connection_.reused; }

 private:
  bool fail(ErrorCode error, Stage stage) noexcept;
  awaitable<ErrorCode> more(TimePoint deadline, net::CancelSlot& slot);
  bool take_piece() noexcept;
  void gather_piece() noexcept;
  bool begins_well() noexcept;
  bool ends_body(const ErrorCode& error) noexcept;
  bool fail_body(const ErrorCode& error) noexcept;

  net::Loop& loop_;
  net::Connection connection_;
  net::Buffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  http::ResponseReader reader_;
  http::ChunkDecoder decoder_;
  http::Framing framing_ = http::Framing::none;
  std::uint64_t remaining_ = 0;
  bool keep_alive_ = false;
  bool reuse_allowed_ = true;
  bool begun_ = false;
  bool head_read_ = false;
  bool complete_ = false;
  bool malformed_ = false;  // behind what was handed out, the framing is broken
  std::string_view piece_;
  std::string_view gathered_;  // body bytes that no `read_piece` has handed out
  Failure failure_;
};

}  // namespace spillway::forward
