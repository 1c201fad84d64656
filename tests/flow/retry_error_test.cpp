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

// How a backend may fail before it has answered, and what it is called.
struct Failing {
  const char* name;
  const char* kind;
  FakeBackend::Step step;
};

void PrintTo(const Failing& failing, std::ostream* out) {
  *out << failing.name;
}

FakeBackend::Step sends(const std::string& bytes) {
  return [bytes](Turn& turn) {
    turn.socket().send(bytes);
    turn.close();
  };
}

class FailingBackend : public testing::TestWithParam<Failing> {};

INSTANTIATE_TEST_SUITE_P(
    Each, FailingBackend,
    testing::Values(
        Failing{"ResetBeforeTheHead", "reset", [](Turn& turn) { turn.reset(); }},
        Failing{"EndBeforeTheHead", "reset", [](Turn& turn) { turn.close(); }},
        Failing{"EndInsideTheHead", "reset", sends("HTTP/1.1 200 OK\r\nContent-Le")},
        Failing{"Garbage", "invalid_response", sends("NOT HTTP AT ALL\r\n\r\n")},
        Failing{"TwoLengths", "invalid_response",
                sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc")},
        Failing{"LengthAndChunks", "invalid_response",
                sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
        Failing{"UnaskedUpgrade", "invalid_response",
                sends("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")},
        Failing{"EndlessInterimAnswers", "invalid_response",
                [](Turn& turn) {
                  for (int i = 0; i < 20; ++i) turn.socket().send("HTTP/1.1 103 Early Hints\r\n\r\n");
                  turn.close();
                }},
        Failing{"EndlessHead", "invalid_response", sends("HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x'))},
        Failing{"Silence", "timeout", [](Turn& turn) { turn.wait_for_close(); }}),
    [](const testing::TestParamInfo<Failing>& tested) { return tested.param.name; });

TEST_P(FailingBackend, IsReplacedByTheNextMember) {
  FakeBackend a, b;
  a.always(GetParam().step);
  const TestGateway gateway(two(a, b, pool_of("timeouts: {first_byte: 150ms}")));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("x-attempts"), std::string("a;") + GetParam().kind + ", b;200");
  EXPECT_EQ(a.request_count(), 1U) << "a fresh connection that fails is not tried again";
  const std::string series =
      std::string("spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"") + GetParam().kind + "\"}";
  EXPECT_TRUE(reaches(gateway, series, 1));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 1);
}

TEST_P(FailingBackend, IsAnErrorOfTheGatewayWhenTheRulesEndIt) {
  FakeBackend a, b;
  a.always(GetParam().step);
  const TestGateway gateway(two(a, b, pool_of("timeouts: {first_byte: 150ms}, retry: {max_attempts: 1}")));
  const bool late = std::string(GetParam().kind) == "timeout";
  EXPECT_TRUE(is_gateway_error(gateway.chat(), late ? 504 : 502, late ? "upstream_timeout" : "upstream_error"));
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST_P(FailingBackend, IsNotReplacedWhenItsKindIsNotInTheList) {
  FakeBackend a, b;
  a.always(GetParam().step);
  const std::string kind = GetParam().kind;
  std::string others;
  for (const char* each : {"connect", "tls", "timeout", "reset", "invalid_response"})
    if (kind != each) others += std::string(others.empty() ? "" : ", ") + each;
  const TestGateway gateway(two(a, b, pool_of("timeouts: {first_byte: 150ms}, retry: {on_errors: [" + others + "]}")));
  const bool late = kind == "timeout";
  EXPECT_TRUE(is_gateway_error(gateway.chat(), late ? 504 : 502, late ? "upstream_timeout" : "upstream_error"));
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(RetryError, ARefusedConnectionGoesToTheNextMember) {
  FakeBackend a, b;
  a.refuse_connections();
  const TestGateway gateway(two(a, b));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;connect, b;200");
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"connect\"}", 1));
}

TEST(RetryError, ANameWithoutAnAddressIsAConnectError) {
  FakeBackend b;
  const TestGateway gateway(clients_yaml() + backends_yaml({"http://no-such-host.invalid:1", b.url()}) +
                            pool_yaml("ab", no_circuits) + "response_headers: {attempts: true}\n");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;connect, b;200");
}

TEST(RetryError, AllMembersFailingWithoutAnAnswerIsExhaustion) {
  FakeBackend a, b;
  a.refuse_connections();
  b.always([](Turn& turn) { turn.reset(); });
  const TestGateway gateway(two(a, b));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
}

TEST(RetryError, InterimAnswersAreSkipped) {
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

TEST(RetryError, TheTimeForTheFirstByteRunsForEachAttempt) {
  FakeBackend a, b, c;
  for (FakeBackend* backend : {&a, &b}) backend->always([](Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url(), c.url()}) +
                            pool_yaml("abc", pool_of("timeouts: {first_byte: 150ms}")) +
                            "response_headers: {attempts: true}\n");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;timeout, b;timeout, c;200");
  EXPECT_TRUE(a.wait_for_closed(1)) << "the connection of a late backend is not kept";
}

TEST(RetryError, TheTimeOfTheWholeRequestEndsAllAttempts) {
  FakeBackend a, b;
  for (FakeBackend* backend : {&a, &b}) backend->always([](Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(two(a, b, pool_of("timeouts: {total: 200ms}")));
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
