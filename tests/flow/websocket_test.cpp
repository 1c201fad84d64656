#include <gtest/gtest.h>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"
#include "websocket.hpp"

// WebSockets pass through the gateway frame by frame, untouched.
namespace spillway::test {
namespace {

std::string yaml(const std::vector<std::string>& urls, const std::string& pool_more = "",
                 const std::string& more = "") {
  std::string members;
  for (std::size_t i = 0; i < urls.size(); ++i) members += static_cast<char>('a' + i);
  return clients_yaml() + backends_yaml(urls) + pool_yaml(members, pool_more) + more;
}

TEST(WebSocket, MessagesPassBothWays) {
  FakeBackend a;
  a.always(echo_websocket({{"apim-request-id", "r-1"}}));
  const TestGateway gateway(yaml({a.url()}, "", "response_headers: {attempts: true}\n"));
  WebSocketClient client(gateway);
  ASSERT_TRUE(client.switched());
  EXPECT_EQ(client.answer().header("upgrade"), "websocket");
  EXPECT_EQ(client.answer().header("connection"), "Upgrade");
  EXPECT_EQ(client.answer().header("sec-websocket-accept"), websocket_accept_value);
  EXPECT_EQ(client.answer().header("x-ms-region"), "Region A");
  EXPECT_EQ(client.answer().header("x-routed-backend"), "a");
  EXPECT_EQ(client.answer().header("x-circuit-state"), "closed");
  EXPECT_EQ(client.answer().header("x-attempts"), "a;101");
  EXPECT_EQ(client.answer().header("apim-request-id"), "r-1");
  EXPECT_EQ(client.answer().count("content-length"), 0U);
  EXPECT_EQ(client.answer().count("transfer-encoding"), 0U);
  EXPECT_EQ(client.call("{\"type\":\"session.update\"}"), "{\"type\":\"session.update\"}");
  client.end().send(Opcode::binary, noise(1000));
  EXPECT_EQ(client.end().receive()->payload, noise(1000));
  client.end().send(Opcode::text, "");
  EXPECT_EQ(client.end().receive()->payload, "");
}

TEST(WebSocket, ControlFramesFragmentsAndCompressionPassUntouched) {
  FakeBackend a;
  a.always(echo_websocket({{"Sec-WebSocket-Extensions", "permessage-deflate"}}));
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway,
                         handshake("/openai/v1/realtime?model=gpt-4o",
                                   {{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}}));
  ASSERT_TRUE(client.switched());
  EXPECT_EQ(client.answer().header("sec-websocket-extensions"), "permessage-deflate");
  EXPECT_EQ(a.last_request().header("sec-websocket-extensions"), "permessage-deflate; client_max_window_bits");
  client.end().send(Opcode::ping, "are you there");
  const Frame pong{Opcode::pong, "are you there", true, false, false};
  EXPECT_EQ(client.end().receive(), pong);
  client.end().send(Opcode::text, "first ", false, true);
  client.end().send(Opcode::ping, "in between");
  client.end().send(Opcode::more, "second", true);
  EXPECT_EQ(client.end().receive(), (Frame{Opcode::text, "first ", false, true, false}));
  EXPECT_EQ(client.end().receive(), (Frame{Opcode::pong, "in between", true, false, false}));
  EXPECT_EQ(client.end().receive(), (Frame{Opcode::more, "second", true, false, false}));
}

TEST(WebSocket, LargeMessagesPassWhole) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway);
  const std::string audio = noise(5 << 20);
  client.end().send(Opcode::binary, audio);
  const std::optional<Frame> back = client.end().receive();
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->payload == audio);
  EXPECT_EQ(client.call("and on"), "and on");
}

class CloseCode : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Each, CloseCode, testing::Values(1000, 1001, 1011, 4000), testing::PrintToStringParamName());

TEST_P(CloseCode, OfTheClientReachesTheBackendAndComesBack) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway);
  client.end().close(static_cast<std::uint16_t>(GetParam()), "because");
  const std::optional<Frame> back = client.end().receive();
  EXPECT_EQ(close_code(back), GetParam());
  EXPECT_EQ(back->payload.substr(2), "because");
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset()) << "and the connection ends in order";
  EXPECT_TRUE(a.wait_for_closed(1));
}

TEST_P(CloseCode, OfTheBackendReachesTheClient) {
  FakeBackend a;
  a.always(accept_websocket([code = GetParam()](WebSocketEnd& end, FakeBackend::Turn&) {
    end.close(static_cast<std::uint16_t>(code), "bye");
    EXPECT_EQ(close_code(end.receive()), code);
  }));
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway);
  EXPECT_EQ(close_code(client.end().receive()), GetParam());
  client.end().close(static_cast<std::uint16_t>(GetParam()));
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset());
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"success\"}", 1));
}

TEST(WebSocket, WhatTheClientSendsBehindItsHandshakeWaitsForTheSwitch) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.wait_for_release();
    echo_websocket()(turn);
  });
  const TestGateway gateway(yaml({a.url()}));
  RawClient client = gateway.client();
  const Frame hello{Opcode::text, "early bird", true, false, true};
  client.send(handshake() + encode(hello));
  ASSERT_TRUE(a.wait_for_requests(1));
  const std::string big = noise(300'000);
  std::thread sender([&] { client.send(encode(Frame{Opcode::binary, big, true, false, true})); });
  a.release();
  const Message answer = client.receive();
  ASSERT_EQ(answer.status(), 101);
  WebSocketEnd end(client.socket(), true, client.unread());
  EXPECT_EQ(end.receive()->payload, "early bird");
  EXPECT_TRUE(end.receive()->payload == big);
  sender.join();
}

TEST(WebSocket, WhatTheBackendSendsBehindItsAnswerGoesOutWithIt) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.close();
    turn.socket().send(switching() + encode(Frame{Opcode::text, "session.created"}) + encode(Frame{Opcode::text, "2"}));
    WebSocketEnd end(turn.socket(), false);
    while (end.receive()) {
    }
  });
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway);
  EXPECT_EQ(client.end().receive()->payload, "session.created");
  EXPECT_EQ(client.end().receive()->payload, "2");
}

TEST(WebSocket, BothDirectionsFlowAtOnce) {
  constexpr int messages = 200;
  FakeBackend a;
  a.always(accept_websocket([](WebSocketEnd& end, FakeBackend::Turn& turn) {
    std::thread sender([&] {
      WebSocketEnd out(turn.socket(), false);
      for (int i = 0; i < messages; ++i) out.send(Opcode::binary, noise(20'000, static_cast<unsigned>(i)));
    });
    for (int i = 0; i < messages; ++i) {
      const std::optional<Frame> frame = end.receive();
      EXPECT_TRUE(frame && frame->payload == noise(20'000, static_cast<unsigned>(i))) << i;
    }
    sender.join();
    end.close(1000);
    end.receive();
  }));
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway);
  std::thread sender([&] {
    WebSocketEnd out(client.socket(), true);
    for (int i = 0; i < messages; ++i) out.send(Opcode::binary, noise(20'000, static_cast<unsigned>(i)));
  });
  for (int i = 0; i < messages; ++i) {
    const std::optional<Frame> frame = client.end().receive();
    EXPECT_TRUE(frame && frame->payload == noise(20'000, static_cast<unsigned>(i))) << i;
  }
  sender.join();
  EXPECT_EQ(close_code(client.end().receive()), 1000);
}

TEST(WebSocket, AHalfClosedSideStillHearsTheRest) {
  FakeBackend a;
  a.always(accept_websocket([](WebSocketEnd& end, FakeBackend::Turn& turn) {
    EXPECT_FALSE(end.receive()) << "the client's end arrives";
    EXPECT_FALSE(turn.socket().was_reset());
    end.send(Opcode::text, "last words");
    end.close(1000);
  }));
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway);
  client.socket().shutdown_send();
  EXPECT_EQ(client.end().receive()->payload, "last words");
  EXPECT_EQ(close_code(client.end().receive()), 1000);
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset());
}

TEST(WebSocket, IsCountedAndLoggedAsAStream) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway);
  EXPECT_EQ(client.call("hello"), "hello");
  EXPECT_EQ(metric(gateway.metrics(), "spillway_streams_active"), 1);
  EXPECT_EQ(metric(gateway.metrics(), "spillway_client_connections"), 1);
  EXPECT_EQ(metric(gateway.metrics(), "spillway_backend_in_flight{backend=\"a\"}"), 1);
  EXPECT_EQ(member_of(gateway.status(), 0)["in_flight"], 1) << "the place is held as long as the tunnel lives";
  client.end().close(1000);
  EXPECT_EQ(close_code(client.end().receive()), 1000);
  EXPECT_EQ(client.socket().receive(), "");
  client.socket().close();
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"default\",client=\"app\",code=\"101\"}", 1));
  EXPECT_TRUE(reaches(gateway, "spillway_streams_active", 0));
  EXPECT_TRUE(reaches(gateway, "spillway_backend_in_flight{backend=\"a\"}", 0));
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"success\"}", 1));
}

}  // namespace
}  // namespace spillway::test
