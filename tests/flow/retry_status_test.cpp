#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

std::string gateway_yaml(const std::vector<std::string>& urls, const std::string& pool_more) {
  std::string members;
  for (std::size_t i = 0; i < urls.size(); ++i) members += static_cast<char>('a' + i);
  return clients_yaml() + backends_yaml(urls) + pool_yaml(members, pool_more) + "response_headers: {attempts: true}\n";
}

class RetriedStatus : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Default, RetriedStatus, testing::Values(408, 429, 500, 502, 503, 504));

TEST_P(RetriedStatus, U26U27GoesToTheNextMemberInsideTheSameRequest) {
  FakeBackend a, b;
  a.always_reply(GetParam());
  const TestGateway gateway(gateway_yaml({a.url(), b.url()}, no_circuits));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("x-attempts"), "a;" + std::to_string(GetParam()) + ", b;200");
  ASSERT_EQ(a.request_count(), 1U);
  EXPECT_EQ(a.requests()[0].body, b.requests()[0].body);
}

class RelayedStatus : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(NotInTheList, RelayedStatus,
                         testing::Values(201, 302, 400, 401, 403, 404, 409, 413, 415, 422, 501, 505, 529));

TEST_P(RelayedStatus, U27IsPassedOnAtOnceWithItsBody) {
  FakeBackend a, b;
  a.always_reply(GetParam(), {{"x-request-id", "from-a"}}, "{\"said\":\"by a\"}");
  const TestGateway gateway(gateway_yaml({a.url(), b.url()}, no_circuits));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), GetParam());
  EXPECT_EQ(answer.body, "{\"said\":\"by a\"}");
  EXPECT_EQ(answer.header("x-request-id"), "from-a");
  EXPECT_EQ(answer.header("x-attempts"), "a;" + std::to_string(GetParam()));
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(RetryStatus, TheListOfTheConfigurationDecides) {
  FakeBackend a, b;
  a.then_reply(500).then_reply(404);
  const TestGateway gateway(
      gateway_yaml({a.url(), b.url()}, std::string(no_circuits) + ", retry: {status_codes: [\"400-418\"]}"));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;500");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "b;200");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;404, b;200");
}

TEST(RetryStatus, EveryMemberIsTriedOnceAndNeverTwice) {
  FakeBackend a, b, c;
  for (FakeBackend* backend : {&a, &b, &c}) backend->always_reply(503);
  const TestGateway gateway(gateway_yaml({a.url(), b.url(), c.url()}, no_circuits));
  const Message answer = gateway.chat();
  EXPECT_TRUE(is_gateway_error(answer, 503, "no_backend_available"));
  EXPECT_EQ(a.request_count(), 1U);
  EXPECT_EQ(b.request_count(), 1U);
  EXPECT_EQ(c.request_count(), 1U);
}

TEST(RetryStatus, MaxAttemptsCountsTheFirstAndTheLastAnswerIsRelayedUnchanged) {
  FakeBackend a, b, c;
  a.always_reply(500, {}, "first");
  b.always_reply(502, {{"Retry-After", "7"}, {"x-from", "b"}, {"Content-Type", "text/html"}}, "<b>second</b>");
  const TestGateway gateway(
      gateway_yaml({a.url(), b.url(), c.url()}, std::string(no_circuits) + ", retry: {max_attempts: 2}"));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 502);
  EXPECT_EQ(answer.body, "<b>second</b>");
  EXPECT_EQ(answer.header("retry-after"), "7");
  EXPECT_EQ(answer.header("x-from"), "b");
  EXPECT_EQ(answer.header("content-type"), "text/html");
  EXPECT_EQ(answer.header("x-routed-backend"), "b");
  EXPECT_EQ(answer.header("x-attempts"), "a;500, b;502");
  EXPECT_EQ(c.connection_count(), 0U);
}

TEST(RetryStatus, MaxAttemptsOfOneRelaysTheFirstAnswer) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(50), "{\"error\":{\"code\":\"429\"}}");
  const TestGateway gateway(gateway_yaml({a.url(), b.url()}, "retry: {max_attempts: 1}"));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.body, "{\"error\":{\"code\":\"429\"}}");
  EXPECT_EQ(answer.header("retry-after-ms"), "50");
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(RetryStatus, AnAnswerBeforeAFailureIsStillTheLastAnswer) {
  FakeBackend a, b, c;
  a.always_reply(500, {}, "what a said");
  b.always([](FakeBackend::Turn& turn) { turn.reset(); });
  const TestGateway gateway(
      gateway_yaml({a.url(), b.url(), c.url()}, std::string(no_circuits) + ", retry: {max_attempts: 2}"));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 500);
  EXPECT_EQ(answer.body, "what a said");
  EXPECT_EQ(answer.header("x-attempts"), "a;500, b;reset");
}

TEST(RetryStatus, AnEmptyAnswerAndAChunkedOneAreRelayedAfterTheirConnectionsWereGivenBack) {
  FakeBackend a;
  a.then([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  });
  a.then_reply(500, {}, "").then([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 500 X\r\n\r\nuntil the end");
    turn.close();
  });
  const TestGateway gateway(gateway_yaml({a.url()}, std::string(no_circuits) + ", retry: {max_attempts: 1}"));
  EXPECT_EQ(gateway.chat().body, "abcdefg");
  const Message empty = gateway.chat();
  EXPECT_EQ(empty.status(), 500);
  EXPECT_TRUE(empty.complete);
  EXPECT_EQ(empty.body, "");
  const Message open_ended = gateway.chat();
  EXPECT_EQ(open_ended.body, "until the end");
  EXPECT_TRUE(open_ended.complete);
}

TEST(RetryStatus, ARefusalWithALongBodyIsRelayedWhole) {
  FakeBackend a;
  const std::string body(1'000'000, 'x');
  a.always_reply(503, {}, body);
  const TestGateway gateway(gateway_yaml({a.url()}, std::string(no_circuits) + ", retry: {max_attempts: 1}"));
  for (int i = 0; i < 3; ++i) {
    const Message answer = gateway.chat();
    EXPECT_EQ(answer.status(), 503);
    EXPECT_EQ(answer.body.size(), body.size());
    EXPECT_TRUE(answer.body == body);
  }
}

TEST(RetryStatus, ARefusedAnswerGivesItsConnectionBackBeforeTheNextAttempt) {
  FakeBackend a, b;
  a.then_reply(500, {}, "small");
  b.always([](FakeBackend::Turn& turn) {
    turn.wait_for_release();
    turn.reply(200);
  });
  const std::string backends = "backends:\n  - {name: a, url: \"" + a.url() +
                               "\", limits: {max_connections: 1}}\n  - {name: b, url: \"" + b.url() + "\"}\n";
  const TestGateway gateway(clients_yaml() + backends +
                            pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}", no_circuits));
  RawClient first = gateway.client();
  first.send(chat_request());
  ASSERT_TRUE(b.wait_for_requests(1));
  EXPECT_EQ(gateway.chat().header("x-routed-backend"), "a") << "its only connection is free again";
  b.release();
  EXPECT_EQ(first.receive().header("x-routed-backend"), "b");
}

TEST(RetryStatus, RetriesAreCounted) {
  FakeBackend a, b;
  a.always_reply(500);
  const TestGateway gateway(gateway_yaml({a.url(), b.url()}, no_circuits));
  gateway.chat();
  const std::string attempts = "spillway_attempts_total{pool=\"openai\",backend=";
  EXPECT_TRUE(reaches(gateway, attempts + "\"b\",outcome=\"success\"}", 1));
  EXPECT_TRUE(reaches(gateway, attempts + "\"a\",outcome=\"server_error\"}", 1));
  EXPECT_TRUE(reaches(gateway, "spillway_retries_total{pool=\"openai\"}", 1));
}

}  // namespace
}  // namespace spillway::test
