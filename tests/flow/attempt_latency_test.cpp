#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"
#include "websocket.hpp"

// How long backends take, by pool and backend, and what is said of the members.
namespace spillway::test {
namespace {

using namespace std::chrono_literals;

std::string first_byte(const std::string& what, const std::string& backend) {
  return "spillway_attempt_time_to_first_byte_seconds_" + what + "{pool=\"openai\",backend=\"" + backend + "\"}";
}

std::string duration(const std::string& what, const std::string& backend) {
  return "spillway_attempt_duration_seconds_" + what + "{pool=\"openai\",backend=\"" + backend + "\"}";
}

TEST(AttemptLatency, CountsWhoeverAnsweredAndNoFailure) {
  FakeBackend a, b;
  a.always_reply(429);
  b.then_reply(200).then_reply(404);
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}", no_circuits));
  EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(gateway.chat().status(), 404);
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"b\",outcome=\"client_error\"}", 1));
  const std::string metrics = gateway.metrics();
  EXPECT_EQ(metric(metrics, first_byte("count", "a")), 0);
  EXPECT_EQ(metric(metrics, duration("count", "a")), 0);
  EXPECT_EQ(metric(metrics, first_byte("count", "b")), 1);
  EXPECT_EQ(metric(metrics, duration("count", "b")), 1);
  EXPECT_GT(metric(metrics, first_byte("sum", "b")), 0);
}

// The body of such an answer is read whole before the client gets any of it.
TEST(AttemptLatency, LastsUntilTheLastByteOfABodyWhoseIdsAreMarked) {
  constexpr auto pause = 40ms;
  FakeBackend a;
  a.always([&](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"id\":");
    turn.socket().closed_within(pause);
    turn.socket().send("\"resp_1\"}");
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"));
  const Message answer =
      gateway.call(request("POST", "/openai/v1/responses", {{"api-key", "test-key"}}, "{\"model\":\"gpt-4o\"}"));
  EXPECT_TRUE(answer.body.starts_with("{\"id\":\"resp_1_spw")) << answer.body;
  EXPECT_TRUE(reaches(gateway, duration("count", "a"), 1));
  const std::string metrics = gateway.metrics();
  const double after_the_head = metric(metrics, duration("sum", "a")) - metric(metrics, first_byte("sum", "a"));
  EXPECT_GE(after_the_head, std::chrono::duration<double>(pause).count() / 2);
}

TEST(AttemptLatency, LeavesWebSocketsOutOfTheDuration) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"));
  WebSocketClient client(gateway);
  ASSERT_TRUE(client.switched());
  client.end().close(1000);
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"success\"}", 1));
  EXPECT_EQ(metric(gateway.metrics(), first_byte("count", "a")), 1);
  EXPECT_EQ(metric(gateway.metrics(), duration("count", "a")), 0);
}

TEST(MemberInfo, IsWhatTheConfigurationInForceSays) {
  FakeBackend a, b;
  const auto yaml = [&](const std::string& kind, const std::string& members) {
    return clients_yaml() + "backends: [{name: a, url: \"" + a.url() + "\", region: East US" + kind +
           "}, {name: b, url: \"" + b.url() + "\"}]\n" + pool_yaml(members);
  };
  const std::string ptu =
      R"(spillway_member_info{pool="openai",backend="a",region="East US",kind="ptu",priority="1",weight="1"})";
  const std::string drained =
      R"(spillway_member_info{pool="openai",backend="a",region="East US",kind="paygo",priority="3",weight="0"})";
  const std::string other =
      R"(spillway_member_info{pool="openai",backend="b",region="-",kind="paygo",priority="2",weight="50"})";
  const std::string others = "{backend: b, priority: 2, weight: 50}";
  TestGateway gateway(yaml(", kind: ptu", "{backend: a}, " + others));
  EXPECT_EQ(metric(gateway.metrics(), ptu), 1);
  EXPECT_EQ(metric(gateway.metrics(), other), 1);
  EXPECT_EQ(gateway.reload(yaml("", "{backend: a, priority: 3, weight: 0}, " + others)).status(), 200);
  const std::string metrics = gateway.metrics();
  EXPECT_EQ(metrics.find(ptu), std::string::npos);
  EXPECT_EQ(metric(metrics, drained), 1);
  EXPECT_EQ(metric(metrics, other), 1);
}

}  // namespace
}  // namespace spillway::test
