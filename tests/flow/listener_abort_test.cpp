#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "tls_client.hpp"

// Clients that go away: with FIN, with RST, with a TLS close, in every phase. Nothing of them may stay.
namespace spillway::test {
namespace {

enum class Leaving { fin, reset, tls };

class ClientAbort : public testing::TestWithParam<Leaving> {
 protected:
  RawClient connect() {
    if (GetParam() != Leaving::tls) return gateway_.client();
    auto client = tls_.connect(gateway_.port(1));
    EXPECT_TRUE(client);
    return client ? std::move(*client) : RawClient(Socket());
  }
  static void leave(RawClient& client) {
    if (GetParam() == Leaving::reset)
      client.socket().reset();
    else
      client.socket().close();
  }
  void expect_nobody_left() {
    EXPECT_TRUE(eventually([&] { return metric(gateway_.metrics(), "spillway_client_connections") == 0; }));
    EXPECT_EQ(metric(gateway_.metrics(), "spillway_backend_in_flight{backend=\"a\"}"), 0);
    EXPECT_EQ(gateway_.chat().status(), 200);
  }
  double attempts(const std::string& outcome) {
    return metric(gateway_.metrics(),
                  "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"" + outcome + "\"}");
  }

  FakeBackend backend_;
  TlsClientSide tls_;
  TestGateway gateway_{
      clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a") + "limits: {replay_buffer: 1MiB}\n",
      with_listeners("{address: \"127.0.0.1:0\"}, " + https_listener(make_certificate()))};
};

TEST_P(ClientAbort, BeforeTheFirstByte) {
  RawClient client = connect();
  leave(client);
  expect_nobody_left();
}

TEST_P(ClientAbort, InTheMiddleOfAHead) {
  RawClient client = connect();
  client.send("POST /openai HTTP/1.1\r\nHo");
  leave(client);
  expect_nobody_left();
}

TEST_P(ClientAbort, InTheMiddleOfABody) {
  for (const char* framing : {"Content-Length: 1000000", "Transfer-Encoding: chunked"}) {
    RawClient client = connect();
    client.send("POST /openai/deployments/gpt-4o/x HTTP/1.1\r\nHost: g\r\napi-key: test-key\r\n" +
                std::string(framing) + "\r\n\r\n2\r\n{}");
    leave(client);
    expect_nobody_left();
  }
}

TEST_P(ClientAbort, InTheMiddleOfABodyThatIsStreamed) {
  RawClient client = connect();
  client.send(
      request("POST", "/openai/deployments/gpt-4o/x", {{"api-key", "test-key"}, {"Content-Length", "9000000"}}) + "{}" +
      std::string(3 << 20, ' '));
  ASSERT_TRUE(backend_.wait_for_connections(1));
  leave(client);
  EXPECT_TRUE(backend_.wait_for_closed(1));
  EXPECT_EQ(backend_.request_count(), 0U);
  expect_nobody_left();
}

TEST_P(ClientAbort, AfterAStreamedBodyWhileTheBackendThinks) {
  backend_.then([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  RawClient client = connect();
  client.send(
      request("POST", "/openai/deployments/gpt-4o/x", {{"api-key", "test-key"}}, "{}" + std::string(3 << 20, ' ')));
  ASSERT_TRUE(backend_.wait_for_requests(1));
  leave(client);
  EXPECT_TRUE(backend_.wait_for_closed(1));
  expect_nobody_left();
  EXPECT_EQ(attempts("cancelled"), 1);
}

// Sizes around that of the gateway's input buffer, which such a body fills.
TEST_P(ClientAbort, WhileTheBackendThinksAboutABodyOfAnySize) {
  for (const int size : {2, 60'000, 65'000, 65'400, 65'500, 65'536, 66'000, 131'072, 500'000}) {
    SCOPED_TRACE(size);
    backend_.then([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
    const std::size_t requests = backend_.request_count();
    const std::size_t closed = backend_.closed_count();
    RawClient client = connect();
    client.send(request("POST", "/openai/deployments/gpt-4o/x", {{"api-key", "test-key"}},
                        "{}" + std::string(static_cast<std::size_t>(size), ' ')));
    ASSERT_TRUE(backend_.wait_for_requests(requests + 1));
    leave(client);
    ASSERT_TRUE(backend_.wait_for_closed(closed + 1));
  }
  expect_nobody_left();
}

TEST_P(ClientAbort, WithThePartOfANextRequestAlreadySent) {
  backend_.then([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  RawClient client = connect();
  client.send(chat_request() + "GET /next HT");
  ASSERT_TRUE(backend_.wait_for_requests(1));
  leave(client);
  EXPECT_TRUE(backend_.wait_for_closed(1));
  expect_nobody_left();
}

TEST_P(ClientAbort, InTheMiddleOfAnAnswer) {
  backend_.then([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    turn.chunk("first");
    turn.wait_for_close();
  });
  RawClient client = connect();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("first"));
  leave(client);
  EXPECT_TRUE(backend_.wait_for_closed(1));
  expect_nobody_left();
}

TEST_P(ClientAbort, WhileTheGatewayWaitsForRoomToWrite) {
  backend_.then([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    while (turn.chunk(std::string(1 << 20, 'x'))) {
    }
    turn.close();
  });
  RawClient client = connect();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("x"));
  if (GetParam() == Leaving::fin) {
    client.socket().shutdown_send();
  } else {
    leave(client);
  }
  EXPECT_TRUE(backend_.wait_for_closed(1)) << "at once, not when write_idle is over";
  expect_nobody_left();
}

TEST_P(ClientAbort, WhileIdleBetweenTwoRequests) {
  RawClient client = connect();
  EXPECT_EQ(client.call(chat_request()).status(), 200);
  leave(client);
  expect_nobody_left();
}

INSTANTIATE_TEST_SUITE_P(Ways, ClientAbort, testing::Values(Leaving::fin, Leaving::reset, Leaving::tls));

TEST(TlsHandshakeAbort, LeavesNothingBehind) {
  FakeBackend backend;
  const TestGateway gateway(clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a"),
                            with_listeners(https_listener(make_certificate())));
  for (const bool reset : {false, true}) {
    Socket socket = Socket::connect(gateway.port());
    socket.send(std::string("\x16\x03\x01\x02\x00\x01\x00", 7));
    if (reset)
      socket.reset();
    else
      socket.close();
  }
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 0; }));
}

}  // namespace
}  // namespace spillway::test
