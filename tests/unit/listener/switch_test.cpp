#include <sys/socket.h>

#include "hub_fixture.hpp"

namespace spillway::listener {
namespace {

constexpr char switching[] = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n";

// A handler that leaves HTTP and then says back what it reads, until the client ends.
class SwitchTest : public HubTest, public Dismissible {
 protected:
  void SetUp() override {
    handler_.step = [this](Exchange& exchange) { return echo(exchange); };
  }
  void dismiss() noexcept override {
    ++dismissed_;
    if (stream_ != nullptr) stream_->cancel();
  }

  awaitable<void> echo(Exchange& exchange) {
    std::string head(switching);
    switch_error_ = co_await exchange.switch_protocols(std::move(head), "first|");
    if (switch_error_) co_return;
    const std::string early = exchange.take_early_bytes();
    exchange.release_request();
    exchange.on_dismissal(this);
    stream_ = &exchange.stream();
    co_await stream_->write(early, Milliseconds(0));
    for (;;) {
      char bytes[64];
      const asio::mutable_buffer room(bytes, sizeof bytes);
      const net::Io io = co_await stream_->read_some(room, no_deadline);
      if (io.error) break;
      const std::string_view piece(bytes, io.bytes);
      co_await stream_->write(piece, Milliseconds(0));
    }
    stream_ = nullptr;
  }
  std::string receive_until(test::Socket& client, const std::string& end) {
    std::string all;
    while (!all.ends_with(end) && !HasFatalFailure()) {
      run_until([&] { return has_bytes(client); });
      all += client.receive();
    }
    return all;
  }
  static bool has_bytes(const test::Socket& client);

  net::Stream* stream_ = nullptr;
  ErrorCode switch_error_;
  int dismissed_ = 0;
};

bool SwitchTest::has_bytes(const test::Socket& client) {
  char byte = 0;
  return ::recv(client.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

TEST_F(SwitchTest, TheHeadGoesOutWithTheFirstBytesAndTheStreamIsTheHandlers) {
  test::Socket client = connect();
  client.send(get("/") + "early|");
  EXPECT_EQ(receive_until(client, "early|"), std::string(switching) + "\r\nfirst|early|");
  client.send("more");
  EXPECT_EQ(receive_until(client, "more"), "more");
  EXPECT_EQ(handler_.handled, 1) << "what follows is no request";
  client.shutdown_send();
  EXPECT_EQ(rest(client), "");
  EXPECT_FALSE(client.was_reset()) << "closed in order";
  client.close();
  run_until([&] { return hub_.size() == 0; });
}

TEST_F(SwitchTest, AStreamTheHandlerHasAbortedIsNotClosedInOrder) {
  handler_.step = [](Exchange& exchange) -> awaitable<void> {
    std::string head(switching);
    co_await exchange.switch_protocols(std::move(head), "");
    exchange.stream().abort();
  };
  test::Socket client = connect();
  client.send(get("/"));
  rest(client);
  EXPECT_TRUE(client.was_reset());
  run_until([&] { return hub_.size() == 0; });
}

TEST_F(SwitchTest, AClientThatHasGoneGetsNoSwitch) {
  handler_.step = [this](Exchange& exchange) -> awaitable<void> {
    net::Suspension gone(loop_);
    exchange.on_client_gone(&gone);
    co_await gone.until(no_deadline);
    co_await echo(exchange);
  };
  test::Socket client = connect();
  client.send(get("/"));
  run_until([&] { return handler_.handled == 1; });
  client.reset();
  run_until([&] { return hub_.size() == 0; });
  EXPECT_EQ(switch_error_, Errc::cancelled);
}

TEST_F(SwitchTest, ADrainWaitsForItAndDismissalEndsIt) {
  test::Socket client = connect();
  client.send(get("/"));
  receive_until(client, "first|");
  bool drained = false;
  hub_.drain([&] { drained = true; });
  client.send("still here");
  EXPECT_EQ(receive_until(client, "still here"), "still here");
  EXPECT_FALSE(drained);
  hub_.dismiss_all();
  EXPECT_EQ(dismissed_, 1);
  EXPECT_EQ(rest(client), "");
  EXPECT_FALSE(client.was_reset());
  client.close();
  run_until([&] { return drained; });
}

TEST_F(SwitchTest, WhoeverComesAfterTheDismissalIsToldAtOnce) {
  hub_.dismiss_all();
  test::Socket client = connect();
  client.send(get("/"));
  receive_until(client, "first|");
  EXPECT_EQ(dismissed_, 1);
  client.close();
  run_until([&] { return hub_.size() == 0; });
}

TEST_F(SwitchTest, AbortingEndsIt) {
  test::Socket client = connect();
  client.send(get("/"));
  receive_until(client, "first|");
  hub_.abort_all();
  run_until([&] { return hub_.size() == 0; });
  EXPECT_EQ(rest(client), "");
  EXPECT_TRUE(client.was_reset());
}

}  // namespace
}  // namespace spillway::listener
