#pragma once

#include <memory>

#include "answer.hpp"
#include "rewrite.hpp"
#include "spillway/config/config.hpp"
#include "spillway/listener/exchange.hpp"
#include "spillway/net/connection.hpp"

namespace spillway::forward {

// One forwarding of a request to one member, up to the head of the answer and, if that comes within a moment, the
// beginning of its body: a backend that breaks between the two is one that has not answered.
class Attempt {
 public:
  Attempt(net::Loop& loop, net::ConnectionCache& connections, std::shared_ptr<net::Endpoint> endpoint,
          const config::PoolTimeouts& timeouts, TimePoint deadline, net::CancelSlot& slot)
      : loop_(loop),
        connections_(connections),
        endpoint_(std::move(endpoint)),
        timeouts_(timeouts),
        deadline_(deadline),
        slot_(slot) {}

  // The request is a WebSocket handshake, so the answer may be a 101. `request` outlives the attempt.
  void expect_switch(const http::RequestHead& request) noexcept { handshake_ = &request; }

  // Sends the request and reads the beginning of the answer. A kept-alive connection that proves dead before any byte
  // of the answer does not count: the request is sent once more on a fresh one.
  awaitable<void> run(const Outgoing& request, bool to_head_request);
  // The same for a body too large to be kept: what `request` holds of it goes out first, the rest as the client sends
  // it.
  awaitable<void> run_streamed(const Outgoing& request, listener::Exchange& client, bool chunked, bool to_head_request);

  // The head of an answer has been read; else `failure` says why not.
  bool answered() const noexcept { return answered_; }
  int status() const noexcept { return answer_->head().status; }
  std::unique_ptr<Answer> take_answer() noexcept { return std::move(answer_); }
  const Failure& failure() const noexcept { return failure_; }
  const std::string& detail() const noexcept { return detail_; }
  // Why the client's body could not be read, when that ended it.
  ErrorCode client_error() const noexcept { return client_error_; }
  // Time spent waiting for the backend, dialling included.
  Duration waited() const noexcept { return waited_; }

 private:
  awaitable<bool> connect(bool fresh);
  awaitable<void> exchange(const Outgoing& request, bool to_head_request);
  awaitable<ErrorCode> wait_for_room(net::Stream& stream);
  awaitable<ErrorCode> send(std::span<const asio::const_buffer> buffers);
  awaitable<ErrorCode> send_rest(listener::Exchange& client, bool chunked);
  awaitable<void> read_head(bool to_head_request);
  void fail(ErrorCode error, Stage stage, Blame blame);
  void expect_refusal() noexcept;

  net::Loop& loop_;
  net::ConnectionCache& connections_;
  std::shared_ptr<net::Endpoint> endpoint_;
  const config::PoolTimeouts& timeouts_;
  TimePoint deadline_;
  net::CancelSlot& slot_;

  std::unique_ptr<Answer> answer_;
  bool answered_ = false;
  bool upload_stopped_ = false;  // the backend answered before it had the whole request
  Failure failure_;
  std::string detail_;
  ErrorCode client_error_;
  Duration waited_{};
  const http::RequestHead* handshake_ = nullptr;
  listener::Exchange* uploading_ = nullptr;  // the client whose body is being passed on
};

}  // namespace spillway::forward
