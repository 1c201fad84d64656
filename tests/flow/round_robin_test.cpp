#include <gtest/gtest.h>

#include <map>
#include <thread>
#include <vector>

#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

std::map<std::string, int> routed(const TestGateway& gateway, int calls, const std::string& model = "gpt-4o") {
  std::map<std::string, int> counts;
  RawClient client = gateway.client();
  for (int i = 0; i < calls; ++i) ++counts[client.call(chat_request(model)).header("x-routed-backend").value_or("")];
  return counts;
}
using Counts = std::map<std::string, int>;

TEST(RoundRobin, ThreeEqualMembersGetAHundredOfThreeHundredRequestsEach) {
  FakeBackend a, b, c;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url(), c.url()}) + pool_yaml("abc"));
  EXPECT_EQ(routed(gateway, 300), (Counts{{"a", 100}, {"b", 100}, {"c", 100}}));
  EXPECT_EQ(a.request_count(), 100U);
  EXPECT_EQ(b.request_count(), 100U);
  EXPECT_EQ(c.request_count(), 100U);
}

TEST(RoundRobin, WeightsOf67And33ShareTwentyRequestsAsTheySay) {
  FakeBackend a, b;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("{backend: a, weight: 67}, {backend: b, weight: 33}"));
  for (int round = 0; round < 3; ++round) {
    Counts counts = routed(gateway, 20);
    EXPECT_TRUE(counts["a"] == 13 || counts["a"] == 14) << counts["a"];
    EXPECT_EQ(counts["a"] + counts["b"], 20);
  }
}

TEST(RoundRobin, ConcurrentClientsOnBothWorkersShareOneTurn) {
  FakeBackend a, b, c;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url(), c.url()}) + pool_yaml("abc"));
  std::vector<std::thread> clients;
  for (int i = 0; i < 6; ++i) clients.emplace_back([&] { routed(gateway, 25); });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(a.request_count(), 50U);
  EXPECT_EQ(b.request_count(), 50U);
  EXPECT_EQ(c.request_count(), 50U);
}

TEST(RoundRobin, ATrippedMemberLeavesTheOthersEven) {
  FakeBackend a, b, c;
  b.always_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url(), c.url()}) + pool_yaml("abc"));
  EXPECT_EQ(routed(gateway, 3)["b"], 0);
  const std::size_t before_a = a.request_count();
  const std::size_t before_c = c.request_count();
  EXPECT_EQ(routed(gateway, 100), (Counts{{"a", 50}, {"c", 50}}));
  EXPECT_EQ(a.request_count() - before_a, 50U);
  EXPECT_EQ(c.request_count() - before_c, 50U);
  EXPECT_EQ(b.request_count(), 1U) << "an open circuit gets nothing";
}

TEST(RoundRobin, AMemberOfWeightZeroGetsNothingEvenWhenTheOthersFail) {
  FakeBackend a, b;
  a.then_reply(500);
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("{backend: a}, {backend: b, weight: 0}"));
  EXPECT_EQ(gateway.chat().status(), 503);
  EXPECT_EQ(routed(gateway, 10), (Counts{{"a", 10}}));
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(RoundRobin, TwoModelsCalledInTurnAreEachSpreadEvenly) {
  FakeBackend a, b;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab"));
  std::map<std::string, Counts> counts;
  RawClient client = gateway.client();
  for (int i = 0; i < 20; ++i) {
    for (const char* model : {"gpt-4o", "o3-mini"})
      ++counts[model][client.call(chat_request(model)).header("x-routed-backend").value_or("")];
  }
  EXPECT_EQ(counts["gpt-4o"], (Counts{{"a", 10}, {"b", 10}}));
  EXPECT_EQ(counts["o3-mini"], (Counts{{"a", 10}, {"b", 10}}));
}

TEST(RoundRobin, APoolOfOnePriorityIsNamedByItsStrategy) {
  FakeBackend a;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"));
  EXPECT_EQ(gateway.chat().header("x-routing-strategy"), "round_robin");
}

}  // namespace
}  // namespace spillway::test
