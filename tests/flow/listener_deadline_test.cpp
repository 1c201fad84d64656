#include <gtest/gtest.h>
#include <poll.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "test_gateway.hpp"

// Bounds on how slow clients may be. What they end is waited for, and nothing depends on how long that takes. Deadlines
// are short here, and longer where the client must have said something before.
namespace spillway::test {
namespace {

constexpr char target[] = "/openai/deployments/gpt-4o/chat/completions";

class ListenerDeadline : public testing::Test {
 protected:
  std::string yaml(const std::string& timeouts) {
    return clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a") + "timeouts: {" + timeouts + "}\n";
  }
  static void expect_silent_end(RawClient& client) {
    EXPECT_TRUE(client.unread().empty());
    EXPECT_EQ(client.socket().receive_all(), "");
    EXPECT_FALSE(client.socket().timed_out());
    EXPECT_FALSE(client.socket().was_reset());
  }
  FakeBackend backend_;
};

TEST_F(ListenerDeadline, S01ASlowHeadIsAnsweredWith408AndTheConnectionClosed) {
  const TestGateway gateway(yaml("request_header: 600ms"));
  RawClient client = gateway.client();
  client.send("POST /openai HTTP/1.1\r\nHost: ga");
  EXPECT_TRUE(is_gateway_error(client.receive(), 408, "request_timeout"));
  expect_silent_end(client);
}

TEST_F(ListenerDeadline, S01AHeadThatDripsIsCutAtTheSameTime) {
  const TestGateway gateway(yaml("request_header: 300ms"));
  RawClient client = gateway.client();
  client.send("POST /openai HTTP/1.1\r\n");
  // Each byte would be in time for a deadline between two bytes; the whole is not.
  pollfd answered{client.socket().descriptor(), POLLIN, 0};
  while (::poll(&answered, 1, 5) == 0) client.send("x");
  EXPECT_TRUE(is_gateway_error(client.receive(), 408, "request_timeout"));
}

TEST_F(ListenerDeadline, S01TheSecondHeadOnAConnectionHasTheSameDeadline) {
  const TestGateway gateway(yaml("request_header: 600ms"));
  RawClient client = gateway.client();
  EXPECT_EQ(client.call(chat_request()).status(), 200);
  client.send("POST /openai HT");
  EXPECT_TRUE(is_gateway_error(client.receive(), 408, "request_timeout"));
  expect_silent_end(client);
}

TEST_F(ListenerDeadline, S05AConnectionOnWhichNothingComesIsClosedWithoutAWord) {
  const TestGateway gateway(yaml("request_header: 50ms"));
  RawClient client = gateway.client();
  expect_silent_end(client);
}

TEST_F(ListenerDeadline, S05AnIdleKeptConnectionIsClosedWithoutAWord) {
  const TestGateway gateway(yaml("keep_alive: 50ms"));
  RawClient client = gateway.client();
  EXPECT_EQ(client.call(chat_request()).status(), 200);
  expect_silent_end(client);
}

TEST_F(ListenerDeadline, S02ASlowBodyIsAnsweredWith408AndReachesNoBackend) {
  const TestGateway gateway(yaml("request_body_idle: 50ms"));
  for (const std::string& start :
       {request("POST", target, {{"api-key", "test-key"}, {"Content-Length", "100"}}) + "{",
        request("POST", target, {{"api-key", "test-key"}, {"Transfer-Encoding", "chunked"}}) + "64\r\n{"}) {
    RawClient client = gateway.client();
    client.send(start);
    EXPECT_TRUE(is_gateway_error(client.receive(), 408, "request_timeout"));
    expect_silent_end(client);
  }
  EXPECT_EQ(backend_.connection_count(), 0U);
}

TEST_F(ListenerDeadline, S02AClientThatWasToldToGoOnAndDoesNotIsTooSlow) {
  const TestGateway gateway(yaml("request_body_idle: 50ms"));
  RawClient client = gateway.client();
  client.send(request("POST", target, {{"api-key", "test-key"}, {"Expect", "100-continue"}, {"Content-Length", "9"}}));
  EXPECT_EQ(client.receive(true).status(), 100);
  EXPECT_TRUE(is_gateway_error(client.receive(), 408, "request_timeout"));
}

TEST_F(ListenerDeadline, S02ASlowStreamedBodyFreesTheBackend) {
  const TestGateway gateway(yaml("request_body_idle: 50ms") + "limits: {replay_buffer: 1KiB}\n");
  RawClient client = gateway.client();
  client.send(request("POST", target, {{"api-key", "test-key"}, {"Content-Length", "1000000"}}) + "{}" +
              std::string(100'000, ' '));
  EXPECT_TRUE(is_gateway_error(client.receive(), 408, "request_timeout"));
  EXPECT_TRUE(backend_.wait_for_closed(1));
  EXPECT_EQ(backend_.request_count(), 0U);
}

TEST_F(ListenerDeadline, S03AClientThatDoesNotReadIsCutAndItsBackendFreed) {
  const TestGateway gateway(yaml("write_idle: 50ms"));
  backend_.then([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    const std::string piece(1 << 20, 'x');
    while (turn.chunk(piece)) {
    }
    turn.close();
  });
  Socket socket = Socket::connect(gateway.port());
  socket.set_receive_buffer(4096);
  RawClient client(std::move(socket));
  client.send(chat_request());
  EXPECT_TRUE(backend_.wait_for_closed(1));
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 0; }));
  const Message rest = client.receive();
  EXPECT_FALSE(rest.complete) << "the cut answer does not look whole";
}

TEST_F(ListenerDeadline, S04AHalfTlsHandshakeIsClosedAfterTheTimeForAHead) {
  const TestGateway gateway(yaml("request_header: 50ms"), with_listeners(https_listener(make_certificate())));
  for (const std::string& start : {std::string(), std::string("\x16\x03\x01\x02\x00\x01", 6)}) {
    RawClient client = gateway.client();
    client.send(start);
    client.socket().receive_all();
    EXPECT_FALSE(client.socket().timed_out());
  }
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 0; }));
}

}  // namespace
}  // namespace spillway::test
