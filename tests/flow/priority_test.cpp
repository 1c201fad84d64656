#include <gtest/gtest.h>

#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

std::string pool(const std::string& members, const std::string& more = "") {
  return "pools: [{name: openai, members: [" + members + "]" + more + "}]\n";
}
constexpr char one_two[] = "{backend: a, priority: 1}, {backend: b, priority: 2}";

TEST(Priority, AThrottledFirstChoiceSpillsOverInsideOneRequest) {
  FakeBackend a;
  FakeBackend b;
  a.then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool(one_two) +
                            "response_headers: {attempts: true}\n");
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("x-routed-backend"), "b");
  EXPECT_EQ(answer.header("x-ms-region"), "Region B");
  EXPECT_EQ(answer.header("x-routing-strategy"), "priority");
  EXPECT_EQ(answer.header("x-circuit-state"), "closed");
  EXPECT_EQ(answer.header("x-attempts"), "a;429, b;200");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "b;200") << "the circuit of a is open";
  EXPECT_EQ(a.request_count(), 1U);
}

TEST(Priority, TheFirstChoiceIsUsedAgainAfterRetryAfterMs) {
  FakeBackend a;
  FakeBackend b;
  a.then_reply(429, retry_after_ms(50));
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool(one_two));
  EXPECT_EQ(gateway.chat().header("x-routed-backend"), "b");
  EXPECT_TRUE(eventually([&] { return gateway.chat().header("x-routed-backend") == "a"; }));
}

}  // namespace
}  // namespace spillway::test
