#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

std::string one(const FakeBackend& a, const std::string& more = "") {
  return clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a") + more;
}

FakeBackend::Step streams_until_released() {
  return [](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: 1\n\n");
    if (!turn.wait_for_release()) return turn.close();
    turn.chunk("data: 2\n\n");
    turn.end_stream();
  };
}

bool refuses_connections(std::uint16_t port) {
  return eventually([&] { return !Socket::connect(port).open(); });
}

TEST(Drain, AnIdleGatewayStopsAtOnceWithCodeZero) {
  FakeBackend a;
  TestGateway gateway(one(a));
  RawClient idle = gateway.client();
  EXPECT_EQ(idle.call(chat_request()).status(), 200);
  gateway.stop();
  EXPECT_EQ(gateway.wait(), 0);
  EXPECT_EQ(idle.socket().receive(), "") << "an idle connection is closed";
  EXPECT_TRUE(a.wait_for_closed(1));
}

TEST(Drain, U30AStreamInFlightEndsAndNewConnectionsAreRefused) {
  FakeBackend a;
  a.always(streams_until_released());
  TestGateway gateway(one(a));
  const std::uint16_t port = gateway.port();
  RawClient stream = gateway.client();
  stream.send(chat_request());
  ASSERT_TRUE(stream.receive_until("data: 1"));
  gateway.stop();
  EXPECT_TRUE(refuses_connections(port));
  EXPECT_EQ(gateway.admin("GET", "/readyz").status(), 503) << "the admin listener still tells";
  a.release();
  const Message answer = stream.receive();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, "data: 1\n\ndata: 2\n\n");
  EXPECT_EQ(stream.socket().receive(), "") << "its connection takes no further request";
  EXPECT_EQ(gateway.wait(), 0);
}

TEST(Drain, U30TwoHundredStreamsOutliveAReloadAndTheStop) {
  constexpr int streams = 200;
  FakeBackend a, b;
  a.always(streams_until_released());
  TestGateway gateway(one(a));
  const std::uint16_t port = gateway.port();
  std::vector<RawClient> clients;
  for (int i = 0; i < streams; ++i) {
    clients.push_back(gateway.client());
    ASSERT_TRUE(clients.back().send(chat_request()));
  }
  for (RawClient& client : clients) ASSERT_TRUE(client.receive_until("data: 1"));
  EXPECT_EQ(gateway.reload(one(b)).status(), 200);
  EXPECT_TRUE(eventually([&] { return gateway.chat().body == "{\"backend\":" + std::to_string(b.port()) + "}"; }))
      << "new requests are served by what is configured now";
  gateway.stop();
  EXPECT_TRUE(refuses_connections(port));
  for (int i = 0; i < streams; ++i) a.release();
  for (RawClient& client : clients) {
    const Message answer = client.receive();
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body, "data: 1\n\ndata: 2\n\n");
    client.socket().close();
  }
  EXPECT_EQ(gateway.wait(), 0);
}

TEST(Drain, AnAnswerThatBeginsWhileDrainingSaysClose) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.wait_for_release();
    turn.reply(200, {}, "late");
  });
  TestGateway gateway(one(a), one_worker());
  RawClient idle = gateway.client();
  EXPECT_EQ(idle.call(request("GET", "/openai/v1/models", {{"api-key", "wrong"}}, "")).status(), 401);
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  gateway.stop();
  EXPECT_EQ(idle.socket().receive(), "") << "closed when the worker has begun to drain";
  a.release();
  const Message answer = client.receive();
  EXPECT_EQ(answer.body, "late");
  EXPECT_EQ(answer.header("connection"), "close");
  client.socket().close();
  EXPECT_EQ(gateway.wait(), 0);
}

TEST(Drain, WhatIsNotDoneInTimeIsCutAndTheCodeIsStillZero) {
  FakeBackend a;
  a.always(streams_until_released());
  TestGateway gateway(one(a, "drain_timeout: 200ms\n"));
  RawClient stream = gateway.client();
  stream.send(chat_request());
  ASSERT_TRUE(stream.receive_until("data: 1"));
  gateway.stop();
  EXPECT_EQ(gateway.wait(), 0);
  EXPECT_FALSE(stream.receive().complete);
  a.release();
  EXPECT_TRUE(a.wait_for_closed(1));
}

TEST(Drain, ARequestInEveryPhaseIsCutWhenTheTimeIsOver) {
  FakeBackend silent, busy;
  silent.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  busy.always_reply(500);
  TestGateway gateway(
      clients_yaml() + backends_yaml({silent.url(), busy.url()}) +
      "pools:\n  - {name: silent, members: [{backend: a}]}\n"
      "  - {name: waiting, members: [{backend: b}], retry: {interval: 1h, first_fast_retry: false}}\n"
      "routes: [{name: s, match: {path: /silent}, pool: silent}, {name: w, match: {path: /waiting}, pool: "
      "waiting}]\non_exhausted: {wait: 1h}\ndrain_timeout: 200ms\n");
  std::vector<RawClient> clients;
  for (const char* target : {"/silent", "/waiting"}) {
    clients.push_back(gateway.client());
    clients.back().send(request("POST", target, {{"api-key", "test-key"}}, "{}"));
  }
  clients.push_back(gateway.client());
  clients.back().send("POST /silent HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nContent-Length: 10\r\n\r\n{");
  clients.push_back(gateway.client());
  clients.back().send("POST /silent HT");
  ASSERT_TRUE(silent.wait_for_requests(1));
  ASSERT_TRUE(busy.wait_for_requests(1));
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 4; }));
  gateway.stop();
  EXPECT_EQ(gateway.wait(), 0);
  EXPECT_TRUE(silent.wait_for_closed(1));
}

TEST(Drain, DuringTheDelayItIsNotReadyButServes) {
  FakeBackend a;
  TestGateway gateway(one(a, "drain_delay: 1s\n"));
  EXPECT_EQ(gateway.admin("GET", "/readyz").status(), 200);
  gateway.stop();
  EXPECT_TRUE(eventually([&] { return gateway.admin("GET", "/readyz").status() == 503; }));
  EXPECT_EQ(gateway.chat().status(), 200) << "load balancers need time to notice";
  EXPECT_EQ(gateway.admin("GET", "/readyz").body, "draining\n");
  EXPECT_EQ(gateway.admin("GET", "/healthz").status(), 200);
  EXPECT_EQ(gateway.wait(), 0);
}

}  // namespace
}  // namespace spillway::test
