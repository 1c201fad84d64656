#pragma once

#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/error.hpp"
#include "spillway/base/time.hpp"
#include "spillway/config/client_identity.hpp"
#include "spillway/http/head.hpp"
#include "spillway/net/stream.hpp"

namespace spillway::listener {

namespace asio = boost::asio;
using net::awaitable;

// A whole answer made by ourselves. `extra_fields` is appended to the head as it is: complete lines, each with its line
// end.
struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string extra_fields;

  Reply() = default;
  Reply(int s, std::string type, std::string text) : status(s), content_type(std::move(type)), body(std::move(text)) {}
};

// How the body of a request came out.
struct BodyResult {
  // None; timeout: too slow; too_large; bad_message; no_memory: too much is kept already; end_of_stream, cancelled: the
  // client is gone.
  ErrorCode error;
  bool complete = false;   // false without an error: `limit` was reached and more is to come
  std::string_view bytes;  // everything read so far, or this piece
};

// Told that connections which are still busy will be cut in a moment, so that it can part from its peer in order.
class Dismissible {
 public:
  virtual void dismiss() noexcept = 0;

 protected:
  ~Dismissible() = default;
};

// The client side of one request, as a handler sees it. The session implements it; tests fake it. Belongs to one
// worker.
//
// A handler answers exactly once: `send`, or `begin` … `write` … `finish`, or `switch_protocols`; if the answer cannot
// be completed it calls `break_off`. Afterwards it returns.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // Views stay valid until `release_request`.
  virtual const http::RequestHead& head() const noexcept = 0;
  virtual bool is_tls() const noexcept = 0;
  virtual std::string peer() const = 0;
  // What the client's verified TLS certificate calls it; empty without one. Found out at most once a connection.
  virtual const std::vector<config::CertificateName>& certificate_names() = 0;
  // When the first byte of the request came.
  virtual TimePoint started() const noexcept = 0;

  // Reads the body until it is whole or `limit` bytes are there; `bytes` is all of it so far, in one piece, and stays
  // valid until `release_request`. Sends `100 Continue` first when the client waits for it. May be called again with a
  // higher limit.
  virtual awaitable<BodyResult> read_body(std::uint64_t limit) = 0;
  // For a body that is streamed: the next piece, valid until the next call; an empty complete one at the end. What
  // `read_body` returned before is not repeated.
  virtual awaitable<BodyResult> read_piece() = 0;
  // Body bytes received so far.
  virtual std::uint64_t body_bytes() const noexcept = 0;

  // From here on the head and the body are not looked at any more; their memory is given back.
  virtual void release_request() noexcept = 0;

  // The client has gone away. After the body is read, `target->cancel()` is called once when that is noticed, until the
  // answer ends or null is set.
  virtual bool client_gone() const noexcept = 0;
  // Looks whether it has gone although its body is still to come: for a time in which none of that is read.
  virtual bool client_left_early() const noexcept = 0;
  virtual void on_client_gone(net::Cancellable* target) = 0;

  // A whole answer. Content-Length, Connection and framing are written by the exchange.
  virtual awaitable<ErrorCode> send(const Reply& reply) = 0;

  // A streamed answer. `head` is the status line and fields with their line ends, without framing fields
  // (Content-Length, Transfer-Encoding, Connection) and without the empty line: those the exchange adds. `body` says
  // how the length is known. The head goes out with the first bytes of the body, or at the first `flush`.
  struct AnswerBody {
    enum class Kind { none, length, unknown } kind = Kind::none;
    std::uint64_t length = 0;
  };
  virtual void begin(int status, std::string head, AnswerBody body) = 0;
  // Everything given has been handed to the kernel when it returns. With an empty piece it only sends the head.
  virtual awaitable<ErrorCode> write(std::string_view piece) = 0;
  // `last` and then the end: the answer is whole.
  virtual awaitable<ErrorCode> finish(std::string_view last = {}) = 0;
  // The answer is not whole and must not look so: the connection is broken.
  virtual void break_off() noexcept = 0;

  // A 101: the connection leaves HTTP. `head` is the status line and fields with their line ends, Connection and
  // Upgrade included, without the empty line; `first` goes out right behind it. Without an error, `stream` is the
  // handler's until it returns; if it is open then, it is closed in order. The client's leaving is no longer looked
  // for.
  virtual awaitable<ErrorCode> switch_protocols(std::string head, std::string_view first) = 0;
  // After that, the connection and what the client had sent behind its request.
  virtual net::Stream& stream() noexcept = 0;
  virtual std::string take_early_bytes() = 0;
  // `target->dismiss()` is called, at once or later, when the time for busy connections is nearly over, until the
  // handler returns or null is set.
  virtual void on_dismissal(Dismissible* target) = 0;

  // Whether any byte of the answer has been handed to the kernel.
  virtual bool answer_begun() const noexcept = 0;
  // Body bytes of the answer sent so far.
  virtual std::uint64_t answer_bytes() const noexcept = 0;
};

}  // namespace spillway::listener
