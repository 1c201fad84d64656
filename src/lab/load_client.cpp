#include "load_client.hpp"

#include <limits>
#include <optional>

#include "answer_reader.hpp"
#include "spillway/base/failure.hpp"
#include "verdict.hpp"

namespace spillway::lab {
namespace {

constexpr Milliseconds kept_for{60'000};
constexpr std::size_t block_size = 64 << 10;

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string dial_problem(const net::DialFailure& failure, Milliseconds timeout) {
  if (failure.error == Errc::timeout) return "no connection within " + std::to_string(timeout.count()) + " ms";
  if (failure.stage == Stage::resolve) return "cannot find the host: " + failure.error.message();
  std::string text = failure.stage == Stage::handshake ? "no TLS connection: " : "cannot connect: ";
  text += failure.error.message();
  return failure.detail.empty() ? text : text + " (" + failure.detail + ")";
}

std::string exchange_problem(ErrorCode error, bool begun, Milliseconds timeout) {
  if (error == Errc::timeout) return "no whole answer within " + std::to_string(timeout.count()) + " ms";
  if (error == Errc::bad_message) return "the answer is no HTTP";
  return begun ? "the answer was cut" : "the connection was closed without an answer";
}

}  // namespace

// One answer while it comes.
class LoadClient::Reading {
 public:
  Reading() : reader_(false, [this](std::string_view piece) { look_at(piece); }) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  http::ReadState take(std::string_view piece) {
    if (!reader_.begun()) first_byte_ = Clock::now();
    return reader_.take(piece);
  }
  bool end() const noexcept { return reader_.end(); }
  bool begun() const noexcept { return reader_.begun(); }
  bool keep_alive() const noexcept { return reader_.keep_alive(); }

  void tell(TimePoint due, Sent& sent) const {
    sent.status = reader_.status();
    sent.backend = reader_.field("x-routed-backend");
    sent.region = reader_.field("x-ms-region");
    sent.attempts = reader_.field("x-attempts");
    sent.strategy = reader_.field("x-routing-strategy");
    sent.circuit = reader_.field("x-circuit-state");
    sent.deployment = reader_.field("x-ms-deployment-name");
    if (begun()) sent.first_byte_ms = milliseconds(first_byte_ - due);
  }
  void judge(Sent& sent) {
    look_at({});
    verdict_->finish(sent);
  }

 private:
  void look_at(std::string_view piece) {
    if (!verdict_) verdict_.emplace(reader_.status(), reader_.field("content-type"));
    verdict_->take(piece);
  }

  AnswerReader reader_;
  std::optional<BodyVerdict> verdict_;
  TimePoint first_byte_{};
};

LoadClient::LoadClient(net::Loop& loop, LoadTarget target)
    : loop_(loop),
      target_(std::move(target)),
      connections_(loop, resolver_, kept_for, [](const std::shared_ptr<net::Endpoint>&) {}),
      endpoint_(std::make_shared<net::Endpoint>(target_.host, target_.port, target_.tls,
                                                std::numeric_limits<std::uint32_t>::max())),
      block_(block_size) {}

net::awaitable<bool> LoadClient::ask(TimePoint due, net::CancelSlot& slot, Sent& sent) {
  const TimePoint start = loop_.now();
  const TimePoint deadline = deadline_after(start, target_.timeout);
  sent.waited_ms = milliseconds(start - due);
  for (;;) {
    net::Connection connection;
    const bool kept = connections_.take(endpoint_, connection);
    if (!kept) {
      net::DialFailure failure;
      const bool connected = co_await connections_.dial(endpoint_, deadline, slot, connection, failure);
      if (!connected) {
        sent.error = dial_problem(failure, target_.timeout);
        sent.milliseconds = milliseconds(loop_.now() - due);
        co_return failure.error != Errc::cancelled;
      }
    }
    Reading reading;
    const ErrorCode error = co_await exchange(*connection.stream, deadline, slot, reading);
    if (error == Errc::cancelled) co_return false;
    if (error && kept && !reading.begun() && error != Errc::timeout) continue;
    sent.milliseconds = milliseconds(loop_.now() - due);
    reading.tell(due, sent);
    if (error) {
      sent.error = exchange_problem(error, reading.begun(), target_.timeout);
    } else {
      reading.judge(sent);
      if (reading.keep_alive()) connections_.put(endpoint_, std::move(connection));
    }
    co_return true;
  }
}

net::awaitable<ErrorCode> LoadClient::exchange(net::Stream& stream, TimePoint deadline, net::CancelSlot& slot,
                                               Reading& reading) {
  const net::CancelSlot::Guard guard(slot, stream);
  const net::asio::const_buffer request(target_.request.data(), target_.request.size());
  const std::span<const net::asio::const_buffer> buffers(&request, 1);
  const ErrorCode written = co_await stream.write(buffers, Milliseconds(0), deadline);
  if (written) co_return written;
  for (;;) {
    const net::Io io = stream.try_read(net::asio::buffer(block_));
    if (io.error == Errc::would_block) {
      const ErrorCode waited = co_await stream.wait(net::Ready::read, deadline);
      if (waited) co_return waited;
      continue;
    }
    if (io.error == Errc::end_of_stream && reading.end()) co_return ErrorCode();
    if (io.error) co_return io.error;
    const http::ReadState state = reading.take(std::string_view(block_.data(), io.bytes));
    if (state == http::ReadState::complete) co_return ErrorCode();
    if (state == http::ReadState::rejected) co_return ErrorCode(Errc::bad_message);
  }
}

}  // namespace spillway::lab
