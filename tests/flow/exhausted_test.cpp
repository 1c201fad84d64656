#include <gtest/gtest.h>

#include <cstdlib>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

std::string yaml(const FakeBackend& a, const FakeBackend& b, const std::string& on_exhausted,
                 const std::string& pool_more = "") {
  return clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab", pool_more) + "on_exhausted: {" +
         on_exhausted + "}\nresponse_headers: {attempts: true}\n";
}

// Both numbers tell the same time: milliseconds, and those in whole seconds, rounded up.
void expect_wait(const Message& answer, int least_ms, int most_ms) {
  const int ms = std::atoi(answer.header("retry-after-ms").value_or("-1").c_str());
  const int seconds = std::atoi(answer.header("retry-after").value_or("-1").c_str());
  EXPECT_GE(ms, least_ms);
  EXPECT_LE(ms, most_ms);
  EXPECT_EQ(seconds, (ms + 999) / 1000);
  EXPECT_EQ(answer.count("retry-after"), 1U);
  EXPECT_EQ(answer.count("retry-after-ms"), 1U);
}

TEST(Exhausted, U26ByDefaultTheCallerGetsOneGeneric503WithTheTimeOfTheEarliestMember) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(90'000), "secret of a");
  b.always_reply(429, retry_after_ms(30'000), "secret of b");
  const TestGateway gateway(yaml(a, b, "status: 503"));
  for (int call = 0; call < 2; ++call) {
    const Message answer = gateway.chat();
    EXPECT_TRUE(is_gateway_error(answer, 503, "no_backend_available"));
    expect_wait(answer, 10'000, 30'000);
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    EXPECT_EQ(answer.body.find("backend-key"), std::string::npos);
  }
  EXPECT_EQ(a.request_count() + b.request_count(), 2U) << "the second call reached nobody";
  EXPECT_TRUE(reaches(gateway, "spillway_exhausted_total{pool=\"openai\"}", 2));
}

TEST(Exhausted, TheTimeIsAtLeastASecondInWholeSeconds) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(300));
  b.always_reply(429, retry_after_ms(300));
  const TestGateway gateway(yaml(a, b, "status: 503"));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_LE(std::atoi(answer.header("retry-after-ms")->c_str()), 300);
}

TEST(Exhausted, U26In429ModeThrottlingEverywhereIsA429) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(60'000));
  b.always_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b, "status: 429"));
  for (int call = 0; call < 2; ++call) {
    const Message answer = gateway.chat();
    EXPECT_TRUE(is_gateway_error(answer, 429, "no_backend_available")) << "in this request, and when all are open";
    EXPECT_EQ(json_of(answer)["error"]["type"], "rate_limit_error");
    expect_wait(answer, 20'000, 60'000);
  }
}

TEST(Exhausted, In429ModeAnotherCauseMakesItA503) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(60'000));
  b.always_reply(500);
  const TestGateway gateway(yaml(a, b, "status: 429"));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
}

TEST(Exhausted, U26InUpstreamModeTheLastAnswerIsRelayedUnchanged) {
  FakeBackend a, b;
  a.always_reply(500, {}, "of a");
  b.always_reply(429, {{"retry-after-ms", "60000"}, {"x-own", "b"}, {"Content-Type", "text/plain"}}, "of b");
  const TestGateway gateway(yaml(a, b, "status: upstream"));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.body, "of b");
  EXPECT_EQ(answer.header("x-own"), "b");
  EXPECT_EQ(answer.header("retry-after-ms"), "60000");
  EXPECT_EQ(answer.header("x-routed-backend"), "b");
  EXPECT_EQ(answer.header("x-attempts"), "a;500, b;429");
}

TEST(Exhausted, InUpstreamModeWithoutAnyAnswerItIsTheGeneric503) {
  FakeBackend a, b;
  a.refuse_connections();
  b.refuse_connections();
  const TestGateway gateway(yaml(a, b, "status: upstream"));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
}

TEST(Exhausted, ARequestWaitsForAMemberThatComesBackInTime) {
  FakeBackend a, b;
  a.then_reply(429, retry_after_ms(200));
  b.then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b, "wait: 15s"));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("x-attempts"), "a;429, b;429, a;200") << "the one case in which a member is tried again";
}

// With 50 rests of 10 ms, a wait longer than they ask for would not be over in time.
TEST(Exhausted, AMemberIsAskedAgainAsSoonAsItHasHadItsRest) {
  FakeBackend a;
  for (int i = 0; i < 50; ++i) a.then_reply(429, retry_after_ms(10));
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a", "retry: {deadline: 1h}") +
                            "on_exhausted: {wait: 4s}\n");
  EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(a.request_count(), 51U);
}

TEST(Exhausted, ARequestDoesNotWaitForAMemberThatComesBackTooLate) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(60'000));
  b.always_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b, "wait: 15s"));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10)) << "waiting would have been in vain";
}

TEST(Exhausted, NoAttemptStartsAfterTheDeadlineOfRetriesAlsoNotAfterAWait) {
  FakeBackend a, b;
  a.then_reply(429, retry_after_ms(5'000));
  b.then_reply(429, retry_after_ms(5'000));
  const TestGateway gateway(yaml(a, b, "wait: 15s", "retry: {deadline: 3s}"));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
  EXPECT_EQ(a.request_count() + b.request_count(), 2U);
}

TEST(Exhausted, AFreedPlaceThatTurnsOutThrottledIsNotWaitedForBeyondTheConfiguration) {
  FakeBackend a;
  a.then([](FakeBackend::Turn& turn) {
    if (turn.wait_for_release()) turn.reply(429, retry_after_ms(5'000));
  });
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                            "\", limits: {max_connections: 1}}]\n" + pool_yaml("a", "timeouts: {connect: 15s}"));
  RawClient first = gateway.client();
  first.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  RawClient waiting = gateway.client();
  waiting.send(chat_request());
  EXPECT_TRUE(reaches(gateway, "spillway_client_connections", 2));
  a.release();
  EXPECT_TRUE(is_gateway_error(waiting.receive(), 503, "no_backend_available"));
  EXPECT_EQ(a.request_count(), 1U) << "`wait` is zero: it was told at once, not after five seconds";
}

TEST(Exhausted, TheWaitEndsWhenItsTimeIsOver) {
  FakeBackend a, b;
  a.always_reply(500);
  b.always_reply(500);
  const TestGateway gateway(yaml(a, b, "wait: 300ms", no_circuits));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
  EXPECT_GE(a.request_count(), 1U);
  EXPECT_LE(a.request_count(), 5U) << "members are not hammered meanwhile";
}

TEST(Exhausted, S11ARequestWaitsForTheOnlyProbe) {
  FakeBackend a, b;
  a.then_reply(500);
  a.then([](FakeBackend::Turn& turn) {
    turn.wait_for_release();
    turn.reply(200);
  });
  const TestGateway gateway(
      clients_yaml() + backends_yaml({a.url()}) +
      pool_yaml("a",
                "circuit_breaker: {rules: [{name: failing, failure_condition: {count: 1, interval: 10s, "
                "status_code_ranges: [500]}, trip_duration: 50ms, half_open: true}]}") +
      "on_exhausted: {wait: 15s}\n");
  RawClient probe = gateway.client();
  probe.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(2));
  RawClient waiting = gateway.client();
  waiting.send(chat_request());
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") >= 2; }));
  EXPECT_EQ(a.request_count(), 2U);
  a.release();
  EXPECT_EQ(probe.receive().header("x-circuit-state"), "half_open");
  EXPECT_EQ(waiting.receive().header("x-circuit-state"), "closed");
}

}  // namespace
}  // namespace spillway::test
