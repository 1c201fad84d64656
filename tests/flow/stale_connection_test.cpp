#include <gtest/gtest.h>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "stale_race.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

constexpr char one_worker[] =
    "listeners: [{address: \"127.0.0.1:0\"}]\nadmin: {address: \"127.0.0.1:0\"}\nworkers: 1\n"
    "log: {level: error, access: false}\n";

TestGateway::Options on_one_worker() {
  TestGateway::Options options;
  options.server = one_worker;
  return options;
}

std::string yaml(const FakeBackend& a, const FakeBackend& b, const std::string& pool_more = no_circuits) {
  return clients_yaml() + backends_yaml({a.url(), b.url()}) +
         pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}", pool_more) +
         "response_headers: {attempts: true}\n";
}

TEST(StaleConnection, U13ARequestAfterTheBackendClosedAnIdleConnectionJustWorks) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b), on_one_worker());
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
  a.close_idle();
  ASSERT_TRUE(a.wait_for_closed(1));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
  EXPECT_EQ(a.connection_count(), 2U);
  EXPECT_TRUE(reaches(gateway, "spillway_retries_total{pool=\"openai\"}", 0));
}

class DyingConnection : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(EndOrReset, DyingConnection, testing::Bool());

TEST_P(DyingConnection, U13IsReplacedByAFreshOneToTheSameBackend) {
  FakeBackend a, b;
  a.then_reply(200).then([reset = GetParam()](FakeBackend::Turn& turn) { reset ? turn.reset() : turn.close(); });
  const TestGateway gateway(yaml(a, b), on_one_worker());
  const std::string body = long_chat_body(1 << 20);
  const std::string bytes = request("POST", "/openai/v1/chat/completions",
                                    {{"api-key", "test-key"}, {"Content-Type", "application/json"}}, body);
  EXPECT_EQ(gateway.call(bytes).header("x-attempts"), "a;200");
  EXPECT_EQ(gateway.call(bytes).header("x-attempts"), "a;200");
  const std::vector<Message> got = a.requests();
  ASSERT_EQ(got.size(), 3U) << "the second request came twice";
  EXPECT_EQ(sha256_hex(got[2].body), sha256_hex(body));
  EXPECT_EQ(a.connection_count(), 2U);
  EXPECT_EQ(b.connection_count(), 0U);
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"success\"}", 2));
  const std::string metrics = gateway.metrics();
  EXPECT_EQ(metric(metrics, "spillway_retries_total{pool=\"openai\"}"), 0);
  EXPECT_EQ(metric(metrics, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"reset\"}"), 0);
  EXPECT_EQ(member_of(gateway.status(), 0)["requests"], 2);
}

TEST_P(DyingConnection, U13IsReplacedOnlyOnce) {
  FakeBackend a, b;
  a.then_reply(200).always([reset = GetParam()](FakeBackend::Turn& turn) { reset ? turn.reset() : turn.close(); });
  const TestGateway gateway(yaml(a, b), on_one_worker());
  gateway.chat();
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;reset, b;200");
  EXPECT_EQ(a.request_count(), 3U);
}

TEST(StaleConnection, U15AnAnswerThatHasBegunIsNotAskedForAgainThere) {
  FakeBackend a, b;
  a.then_reply(200).then([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200");
    turn.close();
  });
  const TestGateway gateway(yaml(a, b), on_one_worker());
  gateway.chat();
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;reset, b;200");
  EXPECT_EQ(a.request_count(), 2U);
}

TEST(StaleConnection, U19SilenceOnAKeptConnectionIsATimeoutNotAStaleOne) {
  FakeBackend a, b;
  a.then_reply(200).then([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(yaml(a, b, std::string(no_circuits) + ", timeouts: {first_byte: 700ms}"), on_one_worker());
  gateway.chat();
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;timeout, b;200");
  EXPECT_EQ(a.request_count(), 2U);
}

TEST(StaleConnection, U13UnaskedBytesOnAnIdleConnectionEndIt) {
  FakeBackend a, b;
  a.then([](FakeBackend::Turn& turn) {
    turn.reply(200);
    if (turn.wait_for_release()) turn.socket().send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
  });
  const TestGateway gateway(yaml(a, b), on_one_worker());
  gateway.chat();
  a.release();
  ASSERT_TRUE(a.wait_for_closed(1)) << "nobody may get what was not asked for";
  EXPECT_NE(gateway.chat().body, "forged");
  EXPECT_EQ(a.connection_count(), 2U);
}

TEST(StaleConnection, BytesBehindAnAnswerEndTheConnection) {
  FakeBackend a, b;
  a.then([](FakeBackend::Turn& turn) {
    turn.socket().send(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
  });
  const TestGateway gateway(yaml(a, b), on_one_worker());
  EXPECT_EQ(gateway.chat().body, "ok");
  EXPECT_NE(gateway.chat().body, "forged");
  EXPECT_EQ(a.connection_count(), 2U);
}

TEST(StaleConnection, U14RequestsAtTheMomentOfClosingLoseNothing) {
  constexpr std::size_t calls = 1'000;
  const StaleRace race = run_stale_race(calls);
  EXPECT_EQ(race.lost, 0U);
  EXPECT_EQ(race.answered, calls) << "each once";
  EXPECT_GT(race.connections, 16U) << "some came too late";
}

TEST(StaleConnection, KeptConnectionsAreShared) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b), on_one_worker());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(a.connection_count(), 1U);
}

TEST(StaleConnection, ABackendThatSaysCloseIsBelieved) {
  FakeBackend a, b;
  a.always_reply(200, {{"Connection", "close"}});
  const TestGateway gateway(yaml(a, b), on_one_worker());
  const Message answer = gateway.chat();
  EXPECT_FALSE(answer.header("connection")) << "that was between the backend and the gateway";
  EXPECT_TRUE(a.wait_for_closed(1));
  gateway.chat();
  EXPECT_EQ(a.connection_count(), 2U);
}

TEST(StaleConnection, ARefusedAnswersConnectionIsUsedAgain) {
  FakeBackend a, b;
  a.then_reply(429, retry_after_ms(1), "{}");
  const TestGateway gateway(yaml(a, b), on_one_worker());
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;429, b;200");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
  EXPECT_EQ(a.connection_count(), 1U);
}

}  // namespace
}  // namespace spillway::test
