#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// `limits.max_connections` of a backend.
namespace spillway::test {
namespace {

FakeBackend::Step answers_when_released() {
  return [](FakeBackend::Turn& turn) {
    if (turn.wait_for_release()) turn.reply(200);
  };
}

std::string limited(const std::vector<std::string>& urls, const std::string& pool_more = "") {
  std::string yaml = clients_yaml() + "backends:\n";
  std::string members;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const char name = static_cast<char>('a' + i);
    yaml += std::string("  - {name: ") + name + ", url: \"" + urls[i] + "\", limits: {max_connections: 1}}\n";
    members += name;
  }
  return yaml + pool_yaml(members, pool_more);
}

TEST(FullBackend, IsPassedOverForTheMoment) {
  FakeBackend a, b;
  a.always(answers_when_released());
  const TestGateway gateway(limited({a.url(), b.url()}));
  RawClient first = gateway.client();
  first.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(gateway.chat().header("x-routed-backend"), "b");
  EXPECT_EQ(a.connection_count(), 1U);
  a.release();
  EXPECT_EQ(first.receive().status(), 200);
}

TEST(FullBackend, WhenAllAreFullARequestWaitsForAPlace) {
  FakeBackend a, b;
  a.always(answers_when_released());
  b.always(answers_when_released());
  const TestGateway gateway(limited({a.url(), b.url()}, "timeouts: {connect: 15s}"));
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(gateway.client());
    clients.back().send(chat_request());
  }
  ASSERT_TRUE(a.wait_for_requests(1));
  ASSERT_TRUE(b.wait_for_requests(1));
  RawClient waiting = gateway.client();
  waiting.send(chat_request());
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") >= 3; }));
  EXPECT_EQ(a.request_count() + b.request_count(), 2U);
  b.release();
  ASSERT_TRUE(b.wait_for_requests(2)) << "the place went to the one who waited";
  b.release();
  EXPECT_EQ(waiting.receive().header("x-routed-backend"), "b");
  a.release();
}

TEST(FullBackend, WhenAllStayFullItIsOverloaded) {
  FakeBackend a;
  a.always(answers_when_released());
  const TestGateway gateway(limited({a.url()}, "timeouts: {connect: 500ms}"));
  RawClient first = gateway.client();
  first.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  const Message answer = gateway.chat();
  EXPECT_TRUE(is_gateway_error(answer, 503, "overloaded"));
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(a.connection_count(), 1U);
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
  a.release();
  EXPECT_EQ(first.receive().status(), 200);
}

TEST(FullBackend, AnIdleConnectionOfAnotherWorkerMakesPlace) {
  FakeBackend a;
  const TestGateway gateway(limited({a.url()}, "timeouts: {connect: 15s}"));
  // Connections are dealt to the two workers in turn, so every second call finds the place taken by the other's.
  for (int i = 0; i < 6; ++i) EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(a.request_count(), 6U);
  EXPECT_TRUE(a.wait_for_closed(a.connection_count() - 1)) << "never more than one open";
}

TEST(FullBackend, ManyClientsNeverOpenMoreConnectionsThanAllowed) {
  FakeBackend a;
  std::atomic<int> open{0};
  std::atomic<int> most{0};
  a.always([&](FakeBackend::Turn& turn) {
    const int now = ++open;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    --open;
    turn.reply(200);
  });
  const TestGateway gateway(limited({a.url()}, "timeouts: {connect: 19s}"));
  std::vector<std::thread> clients;
  std::atomic<int> served{0};
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      RawClient client = gateway.client();
      for (int call = 0; call < 10; ++call) served += client.call(chat_request()).status() == 200;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(served, 80);
  EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace spillway::test
