#include <gtest/gtest.h>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "test_gateway.hpp"
#include "websocket.hpp"

// How a WebSocket ends when one side breaks, falls silent or is told to go.
namespace spillway::test {
namespace {

constexpr char trips_on_reset[] =
    "circuit_breaker: {rules: [{name: r, failure_condition: {count: 1, interval: 1m, error_reasons: [reset, timeout]}, "
    "trip_duration: 1m}]}";

std::string yaml(const FakeBackend& a, const std::string& pool_more = trips_on_reset, const std::string& more = "") {
  return clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a", pool_more) + more;
}

// What the backend saw of the end.
struct Seen {
  std::optional<Frame> frame;
  bool reset = false;
};
FakeBackend::Step watches(Seen& seen) {
  return accept_websocket([&seen](WebSocketEnd& end, FakeBackend::Turn& turn) {
    end.send(Opcode::text, "ready");
    seen.frame = end.receive();
    if (seen.frame) end.receive();
    seen.reset = turn.socket().was_reset();
  });
}

std::string circuit_of(const TestGateway& gateway) {
  const auto circuits = member_of(gateway.status(), 0)["circuits"];
  return circuits.empty() ? "none" : circuits[0]["state"].get<std::string>();
}

std::string attempts(const std::string& outcome) {
  return "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"" + outcome + "\"}";
}

TEST(WebSocketEnding, AClientThatIsResetTakesTheBackendsConnectionAlongAtNoCost) {
  FakeBackend a;
  Seen seen;
  a.always(watches(seen));
  const TestGateway gateway(yaml(a));
  WebSocketClient client(gateway);
  EXPECT_EQ(client.end().receive()->payload, "ready");
  client.socket().reset();
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_TRUE(seen.reset) << "it cannot take this for an orderly end";
  EXPECT_TRUE(reaches(gateway, attempts("cancelled"), 1));
  EXPECT_NE(circuit_of(gateway), "open");
  EXPECT_TRUE(reaches(gateway, "spillway_backend_in_flight{backend=\"a\"}", 0));
}

TEST(WebSocketEnding, AClientThatJustEndsTakesTheBackendsConnectionAlongAtNoCost) {
  FakeBackend a;
  Seen seen;
  a.always(watches(seen));
  const TestGateway gateway(yaml(a));
  {
    WebSocketClient client(gateway);
    EXPECT_EQ(client.end().receive()->payload, "ready");
  }
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_FALSE(seen.frame);
  EXPECT_FALSE(seen.reset);
  EXPECT_TRUE(reaches(gateway, attempts("cancelled"), 1));
  EXPECT_NE(circuit_of(gateway), "open");
}

TEST(WebSocketEnding, ABackendThatResetsResetsTheClientAndIsCounted) {
  FakeBackend a;
  a.always(accept_websocket([](WebSocketEnd& end, FakeBackend::Turn& turn) {
    end.receive();
    turn.reset();
  }));
  const TestGateway gateway(yaml(a));
  WebSocketClient client(gateway);
  client.end().send(Opcode::text, "go");
  EXPECT_FALSE(client.end().receive());
  EXPECT_TRUE(client.socket().was_reset());
  EXPECT_TRUE(reaches(gateway, attempts("reset"), 1));
  EXPECT_EQ(circuit_of(gateway), "open");
}

TEST(WebSocketEnding, ABackendThatEndsInsideAFrameIsCounted) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.close();
    turn.socket().send(switching() + encode(Frame{Opcode::text, "whole"}) +
                       encode(Frame{Opcode::text, "cut"}).substr(0, 3));
  });
  const TestGateway gateway(yaml(a));
  WebSocketClient client(gateway);
  EXPECT_EQ(client.end().receive()->payload, "whole");
  EXPECT_FALSE(client.end().receive()) << "what there was of it arrives, and then the end";
  client.socket().close();
  EXPECT_TRUE(reaches(gateway, attempts("reset"), 1));
  EXPECT_EQ(circuit_of(gateway), "open");
}

TEST(WebSocketEnding, ABackendThatEndsBetweenFramesIsNotCounted) {
  FakeBackend a;
  a.always(accept_websocket([](WebSocketEnd& end, FakeBackend::Turn&) { end.send(Opcode::text, "that is all"); }));
  const TestGateway gateway(yaml(a));
  WebSocketClient client(gateway);
  EXPECT_EQ(client.end().receive()->payload, "that is all");
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset());
  client.socket().close();
  EXPECT_TRUE(reaches(gateway, attempts("success"), 1));
  EXPECT_NE(circuit_of(gateway), "open");
}

TEST(WebSocketEnding, AResetAfterACloseFrameDoesNotMatter) {
  FakeBackend a;
  a.always(accept_websocket([](WebSocketEnd& end, FakeBackend::Turn& turn) {
    EXPECT_EQ(close_code(end.receive()), 1000);
    end.close(1000);
    turn.wait_for_release();
    turn.reset();
  }));
  const TestGateway gateway(yaml(a));
  WebSocketClient client(gateway);
  client.end().close(1000);
  EXPECT_EQ(close_code(client.end().receive()), 1000);
  a.release();
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset());
  EXPECT_TRUE(reaches(gateway, attempts("success"), 1));
}

TEST(WebSocketEnding, SilenceInBothDirectionsEndsIt) {
  FakeBackend a;
  Seen seen;
  a.always(watches(seen));
  const TestGateway gateway(yaml(a, std::string(trips_on_reset) + ", timeouts: {stream_idle: 100ms}"));
  WebSocketClient client(gateway);
  EXPECT_EQ(client.end().receive()->payload, "ready");
  EXPECT_EQ(close_code(client.end().receive()), 1001);
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset());
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_EQ(close_code(seen.frame), 1001) << "masked, as clients must";
  client.socket().close();
  EXPECT_TRUE(reaches(gateway, attempts("success"), 1)) << "nobody's fault";
  EXPECT_NE(circuit_of(gateway), "open");
}

TEST(WebSocketEnding, BytesOfEitherSideKeepItAlive) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(yaml(a, "timeouts: {stream_idle: 2s}"));
  WebSocketClient client(gateway);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
  while (std::chrono::steady_clock::now() < end) {
    client.end().send(Opcode::ping, "");
    ASSERT_EQ(client.end().receive(), (Frame{Opcode::pong, "", true, false, false}));
    std::this_thread::yield();
  }
}

TEST(WebSocketEnding, TheTotalTimeEndsABusyOne) {
  FakeBackend a;
  a.always(accept_websocket([](WebSocketEnd& end, FakeBackend::Turn&) {
    while (end.send(Opcode::text, "tick") && !end.socket().closed_within(std::chrono::milliseconds(1))) {
    }
  }));
  const TestGateway gateway(yaml(a, std::string(trips_on_reset) + ", timeouts: {total: 1s}"));
  WebSocketClient client(gateway);
  std::optional<Frame> frame;
  do frame = client.end().receive();
  while (frame && frame->opcode == Opcode::text);
  EXPECT_EQ(close_code(frame), 1001);
  client.socket().close();
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_NE(circuit_of(gateway), "open");
}

TEST(WebSocketEnding, AClientThatTakesNothingHoldsTheBackendBackAndIsCut) {
  FakeBackend a;
  std::atomic<std::size_t> sent{0};
  a.always(accept_websocket([&](WebSocketEnd& end, FakeBackend::Turn&) {
    while (end.send(Opcode::binary, std::string(100'000, 'x'))) sent += 100'000;
  }));
  const TestGateway gateway(yaml(a, trips_on_reset, "timeouts: {write_idle: 300ms}\n"));
  WebSocketClient client(gateway);
  ASSERT_TRUE(client.switched());
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_LT(sent, 40U << 20U) << "no more than the kernel's buffers hold";
  EXPECT_TRUE(reaches(gateway, attempts("cancelled"), 1));
  EXPECT_NE(circuit_of(gateway), "open");
}

TEST(WebSocketEnding, ADrainLetsItGoOnAndSaysGoodbyeBeforeTheTimeIsOver) {
  FakeBackend a;
  Seen seen;
  a.always(accept_websocket([&](WebSocketEnd& end, FakeBackend::Turn&) {
    while (std::optional<Frame> frame = end.receive()) {
      if (frame->opcode == Opcode::close) seen.frame = frame;
      if (frame->opcode == Opcode::text) end.send(Opcode::text, frame->payload);
    }
  }));
  TestGateway gateway(yaml(a, trips_on_reset, "drain_timeout: 1500ms\n"));
  const std::uint16_t port = gateway.port();
  WebSocketClient client(gateway);
  EXPECT_EQ(client.call("before"), "before");
  gateway.stop();
  EXPECT_TRUE(eventually([&] { return !Socket::connect(port).open(); }));
  EXPECT_EQ(client.call("while draining"), "while draining");
  EXPECT_EQ(close_code(client.end().receive()), 1001);
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset());
  client.socket().close();
  EXPECT_EQ(gateway.wait(), 0);
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_EQ(close_code(seen.frame), 1001);
}

TEST(WebSocketEnding, ADrainDoesNotPutACloseFrameIntoAnother) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.socket().send(switching() + encode(Frame{Opcode::text, "half"}).substr(0, 4));
    turn.wait_for_close();
  });
  TestGateway gateway(yaml(a, trips_on_reset, "drain_timeout: 400ms\n"));
  RawClient client = gateway.client();
  EXPECT_EQ(client.call(handshake()).status(), 101);
  gateway.stop();
  std::string rest = client.unread();
  rest += client.socket().receive_all();
  EXPECT_EQ(rest, encode(Frame{Opcode::text, "half"}).substr(0, 4));
  EXPECT_TRUE(client.socket().was_reset());
  EXPECT_EQ(gateway.wait(), 0);
}

TEST(WebSocketEnding, TunnelsCountAsConnectionsOfClientAndBackend) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                            "\", limits: {max_connections: 1}}]\n" + pool_yaml("a", "timeouts: {connect: 500ms}"));
  WebSocketClient first(gateway);
  EXPECT_EQ(first.call("hello"), "hello");
  EXPECT_TRUE(is_gateway_error(gateway.call(handshake()), 503, "overloaded"));
  first.end().close(1000);
  EXPECT_EQ(close_code(first.end().receive()), 1000);
  EXPECT_TRUE(reaches(gateway, "spillway_backend_in_flight{backend=\"a\"}", 0));
  WebSocketClient second(gateway);
  EXPECT_EQ(second.call("hello"), "hello");
}

}  // namespace
}  // namespace spillway::test
