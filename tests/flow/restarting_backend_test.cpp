#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

// A circuit that gives the backend another chance soon, so that it is asked in each of its lives.
constexpr char forgiving[] =
    "circuit_breaker: {rules: [{name: failing, failure_condition: {count: 3, interval: 10s, error_reasons: [connect, "
    "tls, timeout, reset, invalid_response]}, trip_duration: 20ms, half_open: true}]}";

TEST(RestartingBackend, U31IsKilledAndStartedAgainTwentyTimesUnderLoadAndNoRequestIsLost) {
  FakeBackend a, b;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab", forgiving));
  std::atomic<bool> stop{false};
  std::atomic<int> served{0};
  std::atomic<int> lost{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      RawClient client = gateway.client();
      while (!stop) (client.call(chat_request()).status() == 200 ? served : lost)++;
    });
  }
  bool is_used = true;
  for (int life = 0; life < 20; ++life) {
    is_used = is_used && a.wait_for_requests(a.request_count() + 10);
    a.kill();
    const int seen = served;
    EXPECT_TRUE(eventually([&] { return served > seen + 20; }));
    a.restart();
  }
  EXPECT_TRUE(is_used && a.wait_for_requests(a.request_count() + 10)) << "again in each of its lives";
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(lost, 0) << "of " << served + lost;
}

}  // namespace
}  // namespace spillway::test
