#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

// Two backends, the first preferred, which know `gpt-4o` and `o3-mini` by name.
std::string yaml(const FakeBackend& a, const FakeBackend& b, const std::string& pool_more = "") {
  std::string text = clients_yaml() + "backends:\n";
  for (const auto& [name, backend] : {std::pair{"a", &a}, std::pair{"b", &b}}) {
    text += std::string("  - {name: ") + name + ", url: \"" + backend->url() +
            "\", deployments: {gpt-4o: gpt-4o, o3-mini: o3-mini}}\n";
  }
  return text + pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}", pool_more) +
         "response_headers: {attempts: true}\n";
}

// The default rule for failures, but with a short time.
std::string failing_rule(const std::string& trip_duration) {
  return "circuit_breaker: {rules: [{name: failing, failure_condition: {count: 3, interval: 1m, status_code_ranges: "
         "[\"500-599\"], error_reasons: [connect, tls, timeout, reset, invalid_response]}, trip_duration: " +
         trip_duration + ", half_open: true}]}";
}

std::string state(const TestGateway& gateway, std::size_t circuit = 0) {
  const auto circuits = member_of(gateway.status(), 0)["circuits"];
  return circuit < circuits.size() ? circuits[circuit]["state"].get<std::string>() : std::string();
}

TEST(CircuitFlow, OpensAtTheThirdFailureAndThenSendsNothing) {
  FakeBackend a, b;
  a.always_reply(500);
  const TestGateway gateway(yaml(a, b));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.chat().header("x-attempts"), "a;500, b;200");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(gateway.chat().header("x-attempts"), "b;200");
  EXPECT_EQ(a.request_count(), 3U);
  const auto circuit = member_of(gateway.status(), 0)["circuits"][0];
  EXPECT_EQ(circuit["deployment"], "gpt-4o");
  EXPECT_EQ(circuit["state"], "open");
  EXPECT_EQ(circuit["rule"], "failing");
  EXPECT_GT(circuit["reopens_in_ms"], 30'000);
  EXPECT_LE(circuit["reopens_in_ms"], 60'000);
}

TEST(CircuitFlow, ASuccessDoesNotEraseFailures) {
  FakeBackend a, b;
  a.then_reply(500).then_reply(200).then_reply(500).then_reply(200).then_reply(500);
  const TestGateway gateway(yaml(a, b));
  for (int i = 0; i < 5; ++i) gateway.chat();
  EXPECT_EQ(state(gateway), "open");
}

TEST(CircuitFlow, U01FailuresWithoutAnAnswerCountToo) {
  FakeBackend a, b;
  a.refuse_connections();
  const TestGateway gateway(yaml(a, b));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.chat().header("x-attempts"), "a;connect, b;200");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "b;200");
}

TEST(CircuitFlow, S11HalfOpenLetsExactlyOneProbeThroughUnderFiftyRequests) {
  FakeBackend a, b;
  for (int i = 0; i < 3; ++i) a.then_reply(500);
  a.then([](FakeBackend::Turn& turn) {
    if (turn.wait_for_release()) turn.reply(200);
  });
  const TestGateway gateway(yaml(a, b, failing_rule("50ms")));
  for (int i = 0; i < 3; ++i) gateway.chat();
  ASSERT_TRUE(eventually([&] { return state(gateway) == "half_open"; }));

  std::atomic<int> from_b{0};
  std::atomic<int> probes{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back([&] {
      const Message answer = gateway.chat();
      if (answer.header("x-routed-backend") == "b") ++from_b;
      if (answer.header("x-circuit-state") == "half_open") ++probes;
    });
  }
  EXPECT_TRUE(eventually([&] { return from_b == 49; }));
  EXPECT_EQ(a.request_count(), 4U) << "three failures and one probe";
  a.release();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(probes, 1);
  EXPECT_EQ(state(gateway), "closed");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
}

TEST(CircuitFlow, AFailedProbeOpensTheCircuitAgain) {
  FakeBackend a, b;
  a.always_reply(500);
  const TestGateway gateway(yaml(a, b, failing_rule("100ms")));
  for (int i = 0; i < 3; ++i) gateway.chat();
  ASSERT_TRUE(eventually([&] { return state(gateway) == "half_open"; }));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;500, b;200");
  EXPECT_EQ(
      metric(gateway.metrics(),
             "spillway_circuit_transitions_total{backend=\"a\",deployment=\"gpt-4o\",from=\"half_open\",to=\"open\"}"),
      1);
}

TEST(CircuitFlow, AStreamClosesTheCircuitAtItsHeadNotAtItsEnd) {
  FakeBackend a, b;
  for (int i = 0; i < 3; ++i) a.then_reply(500);
  a.then([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: 1\n\n");
    turn.wait_for_release();
    turn.end_stream();
  });
  const TestGateway gateway(yaml(a, b, failing_rule("50ms")));
  for (int i = 0; i < 3; ++i) gateway.chat();
  ASSERT_TRUE(eventually([&] { return state(gateway) == "half_open"; }));
  RawClient stream = gateway.client();
  stream.send(chat_request());
  ASSERT_TRUE(stream.receive_until("data: 1"));
  EXPECT_EQ(state(gateway), "closed");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
  a.release();
  EXPECT_TRUE(stream.receive().complete);
}

TEST(CircuitFlow, U29AnAbandonedProbeFreesItsPlace) {
  FakeBackend a, b;
  for (int i = 0; i < 3; ++i) a.then_reply(500);
  a.then([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(yaml(a, b, failing_rule("50ms")));
  for (int i = 0; i < 3; ++i) gateway.chat();
  ASSERT_TRUE(eventually([&] { return state(gateway) == "half_open"; }));
  {
    RawClient probe = gateway.client();
    probe.send(chat_request());
    ASSERT_TRUE(a.wait_for_requests(4));
  }
  ASSERT_TRUE(a.wait_for_closed(1));
  EXPECT_TRUE(eventually([&] { return gateway.chat().header("x-attempts") == "a;200"; }));
}

TEST(CircuitFlow, AThrottledDeploymentDoesNotBlockItsSibling) {
  FakeBackend a, b;
  a.then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b));
  EXPECT_EQ(gateway.chat("gpt-4o").header("x-attempts"), "a;429, b;200");
  EXPECT_EQ(gateway.chat("gpt-4o").header("x-attempts"), "b;200");
  EXPECT_EQ(gateway.chat("o3-mini").header("x-attempts"), "a;200");
}

TEST(CircuitFlow, OneCircuitServesBothSurfaces) {
  FakeBackend a, b;
  a.then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b));
  gateway.chat("gpt-4o");
  const Message answer =
      gateway.call(request("POST", "/openai/v1/chat/completions",
                           {{"api-key", "test-key"}, {"Content-Type", "application/json"}}, "{\"model\":\"gpt-4o\"}"));
  EXPECT_EQ(answer.header("x-attempts"), "b;200");
}

class HarmlessStatus : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Each, HarmlessStatus, testing::Values(400, 401, 403, 404, 413, 415, 422));

TEST_P(HarmlessStatus, U27NeverCounts) {
  FakeBackend a, b;
  a.always_reply(GetParam());
  const TestGateway gateway(yaml(a, b));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(gateway.chat().status(), GetParam());
  EXPECT_EQ(state(gateway), "closed");
}

TEST(CircuitFlow, ARuleThatNamesAHarmlessStatusCountsIt) {
  FakeBackend a, b;
  a.always_reply(404);
  const TestGateway gateway(
      yaml(a, b,
           "circuit_breaker: {rules: [{name: missing, failure_condition: {count: 1, interval: 1m, "
           "status_code_ranges: [\"400-499\"]}, trip_duration: 1m}]}"));
  EXPECT_EQ(gateway.chat().status(), 404);
  EXPECT_TRUE(eventually([&] { return state(gateway) == "open"; })) << "settled once the answer has gone out";
}

TEST(CircuitFlow, U29ClientsThatGoAwayNeverCount) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(yaml(a, b));
  for (std::size_t i = 1; i <= 5; ++i) {
    RawClient client = gateway.client();
    client.send(chat_request());
    ASSERT_TRUE(a.wait_for_requests(i));
    client.socket().close();
    ASSERT_TRUE(a.wait_for_closed(i));
  }
  EXPECT_TRUE(eventually([&] { return member_of(gateway.status(), 0)["in_flight"] == 0; }));
  EXPECT_EQ(state(gateway), "closed");
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"cancelled\"}", 5));
}

struct Asked {
  const char* name;
  Headers headers;
  int least_ms;
  int most_ms;
};
void PrintTo(const Asked& asked, std::ostream* out) {
  *out << asked.name;
}

class AskedWait : public testing::TestWithParam<Asked> {};
INSTANTIATE_TEST_SUITE_P(
    Each, AskedWait,
    testing::Values(
        Asked{"Seconds", {{"Retry-After", "40"}}, 20'000, 40'000},
        Asked{"Milliseconds", {{"retry-after-ms", "35000"}}, 15'000, 35'000},
        Asked{"AzureMilliseconds", {{"x-ms-retry-after-ms", "35000"}}, 15'000, 35'000},
        Asked{"MillisecondsBeforeSeconds", {{"Retry-After", "100"}, {"retry-after-ms", "35000"}}, 15'000, 35'000},
        Asked{"PastDate", {{"Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"}}, 0, 10'000},
        Asked{"DistantDate", {{"Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT"}}, 100'000, 120'000},
        Asked{"TooLong", {{"Retry-After", "86400"}}, 100'000, 120'000},
        Asked{"Nonsense", {{"Retry-After", "soon"}}, 0, 10'000},
        Asked{"ZeroMillisecondsFallThrough", {{"retry-after-ms", "0"}, {"Retry-After", "40"}}, 20'000, 40'000},
        Asked{"Nothing", {}, 0, 10'000}),
    [](const testing::TestParamInfo<Asked>& tested) { return tested.param.name; });

TEST_P(AskedWait, S12U26IsHowLongTheCircuitStaysOpen) {
  FakeBackend a, b;
  a.always_reply(429, GetParam().headers);
  const TestGateway gateway(yaml(a, b));
  gateway.chat();
  const auto circuit = member_of(gateway.status(), 0)["circuits"][0];
  EXPECT_EQ(circuit["state"], "open");
  EXPECT_EQ(circuit["rule"], "throttled");
  EXPECT_GE(circuit["reopens_in_ms"], GetParam().least_ms);
  EXPECT_LE(circuit["reopens_in_ms"], GetParam().most_ms);
}

TEST(CircuitFlow, RequestsInFlightWhenACircuitOpensAreLeftAlone) {
  FakeBackend a, b;
  a.then([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    turn.chunk("one ");
    turn.wait_for_release();
    turn.chunk("two");
    turn.end_stream();
  });
  a.then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b));
  RawClient stream = gateway.client();
  stream.send(chat_request());
  ASSERT_TRUE(stream.receive_until("one"));
  gateway.chat();
  EXPECT_EQ(state(gateway), "open");
  a.release();
  const Message answer = stream.receive();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, "one two");
}

}  // namespace
}  // namespace spillway::test
