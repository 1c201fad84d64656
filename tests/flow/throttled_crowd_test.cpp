#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// Many clients while the backends want none, and when they come back.
namespace spillway::test {
namespace {

constexpr int clients = 8;
constexpr int calls_of_each = 50;

class RefusingBackends : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Each, RefusingBackends, testing::Values(429, 503));

TEST_P(RefusingBackends, S10AreAskedOnceByThoseUnderWayAndThenLeftAlone) {
  FakeBackend a, b;
  for (FakeBackend* backend : {&a, &b}) backend->always_reply(GetParam(), retry_after_ms(60'000));
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab"));
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < clients; ++i) {
    callers.emplace_back([&] {
      RawClient client = gateway.client();
      for (int call = 0; call < calls_of_each; ++call)
        refused += is_gateway_error(client.call(chat_request()), 503, "no_backend_available") ? 1 : 0;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(refused, clients * calls_of_each);
  const std::size_t asked = a.request_count() + b.request_count();
  EXPECT_GE(asked, 2U);
  EXPECT_LE(asked, 2U * clients) << "each client at most once at each, of 50 calls";
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
  EXPECT_EQ(a.request_count() + b.request_count(), asked);
}

constexpr char one_failure_opens[] =
    "circuit_breaker: {rules: [{name: failing, failure_condition: {count: 1, interval: 10s, status_code_ranges: "
    "[500]}, trip_duration: 50ms, half_open: true}]}";

TEST(RecoveringBackend, S11GetsOneProbeOfAllWhoWaitAndThenAllOfThem) {
  constexpr std::size_t waiting = 60;
  FakeBackend a;
  a.then_reply(500);
  a.then([](FakeBackend::Turn& turn) {
    turn.wait_for_release();
    turn.reply(200);
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a", one_failure_opens) +
                            "on_exhausted: {wait: 20s}\n");
  std::vector<RawClient> all;
  while (all.size() < waiting) {
    all.push_back(gateway.client());
    all.back().send(chat_request());
    ASSERT_TRUE(a.wait_for_requests(2)) << "the first one fails, waits and comes again as the probe";
  }
  EXPECT_TRUE(reaches(gateway, "spillway_client_connections", double(waiting)));
  EXPECT_EQ(a.request_count(), 2U);
  a.release();
  std::size_t probes = 0;
  for (RawClient& client : all) {
    const Message answer = client.receive();
    EXPECT_EQ(answer.status(), 200);
    probes += answer.header("x-circuit-state") == "half_open" ? 1U : 0U;
  }
  EXPECT_EQ(probes, 1U);
  EXPECT_EQ(a.request_count(), waiting + 1);
}

TEST(RecoveringBackend, S11GetsNoMoreThanItsShare) {
  FakeBackend a, b;
  a.then_reply(500);
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab", one_failure_opens));
  RawClient client = gateway.client();
  EXPECT_TRUE(eventually([&] {
    return client.call(chat_request()).status() == 200 &&
           member_of(gateway.status(), 0)["circuits"][0]["state"] == "half_open";
  }));
  const std::size_t before = a.request_count();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.call(chat_request()).status(), 200);
  EXPECT_GE(a.request_count() - before, 49U);
  EXPECT_LE(a.request_count() - before, 51U) << "what it missed is not made up for";
}

}  // namespace
}  // namespace spillway::test
