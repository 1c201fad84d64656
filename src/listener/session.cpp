#include "session.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "spillway/routing/certificate_access.hpp"

namespace spillway::listener {
namespace {

// How long and how much a client may go on sending after an answer that ends the connection, so that it can read it.
constexpr Milliseconds linger_time{2'000};
constexpr std::uint64_t linger_bytes = 4 << 20;

}  // namespace

Session::Session(Hub& hub, int descriptor, std::shared_ptr<net::TlsServer> tls, bool overloaded)
    : hub_(hub),
      descriptor_(descriptor),
      tls_(std::move(tls)),
      overloaded_(overloaded),
      options_(hub.options_),
      in_(hub.loop_.buffers()),
      reader_(options_.head),
      body_share_(hub.bodies_) {}

Session::~Session() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

awaitable<void> Session::run() {
  const bool opened = co_await open();
  if (!opened) co_return;
  bool first = true;
  for (;;) {
    const bool complete = co_await read_head(first);
    if (!complete) break;
    first = false;
    co_await hub_.handler_.handle(*this);
    const bool again = co_await end_exchange();
    if (!again) break;
  }
  stream_->close();
}

awaitable<bool> Session::open() {
  if (!tls_) {
    stream_ = net::adopt(hub_.loop_, descriptor_);
    descriptor_ = -1;  // the stream's now
    co_return true;
  }
  const TimePoint deadline = deadline_after(hub_.loop_.now(), options_.request_header);
  auto handshake = net::accept_tls(hub_.loop_, descriptor_, tls_, deadline, &handshaking_);
  descriptor_ = -1;  // the handshake's now
  Result<std::unique_ptr<net::Stream>> accepted = co_await handshake;
  if (!accepted) co_return false;
  stream_ = std::move(*accepted);
  co_return !aborted_;
}

const std::vector<config::CertificateName>& Session::certificate_names() {
  if (!certificate_names_) {
    const std::vector<std::uint8_t> certificate = stream_->peer_certificate();
    certificate_names_ = routing::certificate_names(certificate, std::chrono::system_clock::now());
  }
  return *certificate_names_;
}

awaitable<bool> Session::read_head(bool first) {
  options_ = hub_.options_;
  head_end_ = front_ = 0;
  const Milliseconds patience = first ? options_.request_header : options_.keep_alive;
  TimePoint deadline = deadline_after(hub_.loop_.heard(), patience);
  bool begun = false;
  for (;;) {
    if (available() != 0) {
      if (!begun) {
        begun = true;
        started_ = hub_.loop_.heard();
        options_ = hub_.options_;  // a reload may have come while the connection was idle
        reader_.reset(options_.head);
        deadline = deadline_after(started_, options_.request_header);
      }
      const http::ReadState state = reader_.parse(input());
      if (state == http::ReadState::complete) break;
      if (state == http::ReadState::rejected) {
        co_await refuse(reader_.rejection());
        co_return false;
      }
    } else if (hub_.draining_ || aborted_) {
      // A request that is here already is answered.
      if (!aborted_ && has_arrived()) continue;
      co_return false;
    }
    idle_ = !begun;
    const ErrorCode error = co_await more_input(deadline);
    idle_ = false;
    if (error == Errc::cancelled && hub_.draining_ && !aborted_) continue;
    if (error == Errc::timeout && begun) {
      http::Rejection late;
      late.status = 408;
      late.code = "request_timeout";
      late.reason = "The request's head did not arrive in time.";
      co_await refuse(late);
    }
    if (error) co_return false;
  }
  start_exchange();
  if (head().framing == http::Framing::length && head().content_length > options_.max_request_body) {
    http::Rejection large;
    large.status = 413;
    large.code = "request_too_large";
    large.reason = "The request's body is larger than this gateway accepts.";
    co_await refuse(large);
    co_return false;
  }
  if (overloaded_) {
    http::Rejection overloaded;
    overloaded.status = 503;
    overloaded.code = "overloaded";
    overloaded.reason = "The gateway has too many connections. Try again in a moment.";
    co_await refuse(overloaded);
    co_return false;
  }
  co_return true;
}

void Session::start_exchange() {
  const http::RequestHead& request = head();
  head_end_ = begin_ + reader_.size();
  begin_ = front_ = head_end_;
  drop_body();
  body_bytes_ = 0;
  decoder_.reset();
  body_error_ = {};
  body_complete_ = request.framing == http::Framing::none ||
                   (request.framing == http::Framing::length && request.content_length == 0);
  to_head_ = request.method == "HEAD";
  continue_owed_ = request.expect_continue && !body_complete_;
  gone_target_ = nullptr;
  answer_head_.clear();
  answer_bytes_ = answer_length_ = 0;
  answer_begun_ = answer_done_ = broken_ = false;
  keep_alive_ = true;
}

// Answers bytes that cannot be handled as a request; the connection ends with it.
awaitable<void> Session::refuse(http::Rejection rejection) {
  const Reply reply = hub_.handler_.refuse(rejection, stream_->peer());
  std::string bytes;
  http::append_status_line(bytes, reply.status);
  http::append_field(bytes, "Content-Type", reply.content_type);
  http::append_field(bytes, "Content-Length", reply.body.size());
  http::append_field(bytes, "Connection", "close");
  bytes.append(reply.extra_fields).append("\r\n");
  if (head().method != "HEAD") bytes.append(reply.body);
  const ErrorCode error = co_await stream_->write(bytes, options_.write_idle);
  if (!error) co_await linger();
}

// True when the connection can take another request.
awaitable<bool> Session::end_exchange() {
  stream_->unwatch();
  gone_target_ = nullptr;
  dismissal_target_ = nullptr;
  drop_body();
  if (!answer_done_ && !broken_) break_off();
  if (broken_ || gone_ || aborted_) co_return false;
  if (keep_alive_ && !body_complete_) {
    const bool clean = co_await discard_body();
    keep_alive_ = clean;
  }
  if (!keep_alive_) {
    co_await linger();
    co_return false;
  }
  co_return true;
}

awaitable<void> Session::linger() {
  stream_->shutdown_send();
  const TimePoint deadline = hub_.loop_.now() + linger_time;
  std::uint64_t discarded = 0;
  while (discarded < linger_bytes) {
    in_.take();
    const net::Io io = stream_->try_read(asio::buffer(in_.data(), in_.size()));
    if (io.error == Errc::would_block) {
      in_.release();
      const ErrorCode error = co_await stream_->wait(net::Ready::read, deadline);
      if (error) break;
      continue;
    }
    if (io.error) break;
    discarded += io.bytes;
  }
}

void Session::close_if_idle() {
  if (idle_ && stream_) stream_->cancel();
}

void Session::dismiss() {
  if (Dismissible* const target = std::exchange(dismissal_target_, nullptr)) target->dismiss();
}

void Session::abort() {
  aborted_ = true;
  if (handshaking_ != nullptr) handshaking_->cancel();
  if (stream_) {
    lost();
    stream_->abort();
  }
}

}  // namespace spillway::listener
