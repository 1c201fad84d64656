#include <gtest/gtest.h>

#include <chrono>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

using Turn = FakeBackend::Turn;

std::string two(const FakeBackend& a, const FakeBackend& b, const std::string& pool_more = no_circuits) {
  return clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab", pool_more) +
         "response_headers: {attempts: true}\n";
}

std::string pool_of(const std::string& more) {
  return std::string(no_circuits) + ", " + more;
}

TEST(RetryError, U12AllMembersFailingWithoutAnAnswerIsExhaustion) {
  FakeBackend a, b;
  a.refuse_connections();
  b.always([](Turn& turn) { turn.reset(); });
  const TestGateway gateway(two(a, b));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
}

TEST(RetryError, U23InterimAnswersAreSkipped) {
  FakeBackend a;
  a.always([](Turn& turn) {
    turn.socket().send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    turn.reply(200, {}, "final");
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.start_line, "HTTP/1.1 200 X");
  EXPECT_EQ(answer.body, "final");
}

TEST(RetryError, U19TheTimeForTheFirstByteRunsForEachAttempt) {
  FakeBackend a, b, c;
  for (FakeBackend* backend : {&a, &b}) backend->always([](Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url(), c.url()}) +
                            pool_yaml("abc", pool_of("timeouts: {first_byte: 600ms}")) +
                            "response_headers: {attempts: true}\n");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;timeout, b;timeout, c;200");
  EXPECT_TRUE(a.wait_for_closed(1)) << "the connection of a late backend is not kept";
}

TEST(RetryError, TheTimeOfTheWholeRequestEndsAllAttempts) {
  FakeBackend a, b;
  for (FakeBackend* backend : {&a, &b}) backend->always([](Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(two(a, b, pool_of("timeouts: {total: 800ms}")));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 504, "upstream_timeout"));
  EXPECT_EQ(a.request_count() + b.request_count(), 1U) << "no time is left for the second";
  EXPECT_TRUE(a.wait_for_closed(1));
}

// A client that sends its body so slowly that a third of `total` is left for the backend.
Message slow_call(const TestGateway& gateway, std::chrono::milliseconds pause) {
  RawClient client = gateway.client();
  const std::string bytes = chat_request();
  client.send(bytes.substr(0, bytes.size() - 1));
  client.socket().closed_within(pause);
  return client.call(bytes.substr(bytes.size() - 1));
}

TEST(RetryError, ASlowClientCannotMakeABackendLookLate) {
  FakeBackend a;
  a.always([](Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a", "timeouts: {total: 1200ms}"));
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(is_gateway_error(slow_call(gateway, std::chrono::milliseconds(1'100)), 504, "upstream_timeout"));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
}

TEST(RetryError, NoAttemptIsMadeWhenTheClientTookAllTheTime) {
  FakeBackend a;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a", "timeouts: {total: 10ms}"));
  EXPECT_TRUE(is_gateway_error(slow_call(gateway, std::chrono::milliseconds(500)), 504, "upstream_timeout"));
  EXPECT_EQ(a.connection_count(), 0U);
}

TEST(RetryError, ABackendThatHadMostOfTheTimeIsLate) {
  FakeBackend a;
  a.always([](Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a", "timeouts: {total: 800ms}"));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 504, "upstream_timeout"));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 1);
}

}  // namespace
}  // namespace spillway::test
