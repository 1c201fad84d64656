#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// How soon a backend's connection, or the place a request holds, is free after its client has gone. Figures: for a
// machine with nothing else to do.
namespace spillway::test {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int calls = 200;

void expect_p99_within(std::vector<microseconds> times, milliseconds limit) {
  std::sort(times.begin(), times.end());
  const microseconds p99 = times[times.size() * 99 / 100];
  testing::Test::RecordProperty("p99_us", static_cast<int>(p99.count()));
  EXPECT_LE(p99, limit);
}

// `prepare` sends a request that gets as far as it shall; `freed` tells that its traces are gone.
template <class Prepare, class Freed>
void measure(const TestGateway& gateway, Prepare prepare, Freed freed) {
  std::vector<microseconds> times;
  for (int i = 0; i < calls; ++i) {
    RawClient client = gateway.client();
    prepare(client, static_cast<std::size_t>(i) + 1);
    const auto left = std::chrono::steady_clock::now();
    i % 2 == 0 ? client.socket().close() : client.socket().reset();
    ASSERT_TRUE(freed(static_cast<std::size_t>(i) + 1));
    times.push_back(duration_cast<microseconds>(std::chrono::steady_clock::now() - left));
  }
  expect_p99_within(std::move(times), milliseconds(100));
}

std::string yaml(const FakeBackend& a, const FakeBackend& b, const std::string& pool_more,
                 const std::string& more = "") {
  return clients_yaml() + backends_yaml({a.url(), b.url()}) +
         pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}", std::string(no_circuits) + pool_more) + more;
}

TEST(GoneClientSoak, U29BeforeTheHeadTheBackendIsLetGoWithinATenthOfASecond) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(yaml(a, b, ""));
  measure(
      gateway,
      [&](RawClient& client, std::size_t n) {
        client.send(chat_request());
        ASSERT_TRUE(a.wait_for_requests(n));
      },
      [&](std::size_t n) { return a.wait_for_closed(n); });
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(GoneClientSoak, U29InAStreamTheBackendIsLetGoWithinATenthOfASecond) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: 1\n\n");
    turn.wait_for_close();
  });
  const TestGateway gateway(yaml(a, b, ""));
  measure(
      gateway,
      [&](RawClient& client, std::size_t) {
        client.send(chat_request());
        ASSERT_TRUE(client.receive_until("data: 1"));
      },
      [&](std::size_t n) { return a.wait_for_closed(n); });
  EXPECT_EQ(b.connection_count(), 0U);
}

// Nothing of these is at a backend, so what is seen is that the client's connection is over.
bool no_client_is_left(const TestGateway& gateway) {
  return eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 0; });
}

TEST(GoneClientSoak, U29BeforeARetryTheRequestEndsWithinATenthOfASecond) {
  FakeBackend a, b;
  a.always_reply(500);
  const TestGateway gateway(yaml(a, b, ", retry: {interval: 1h, first_fast_retry: false}"));
  measure(
      gateway,
      [&](RawClient& client, std::size_t n) {
        client.send(chat_request());
        ASSERT_TRUE(eventually([&] { return member_of(gateway.status(), 0)["requests"] == n; }));
      },
      [&](std::size_t) { return no_client_is_left(gateway); });
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(GoneClientSoak, U29InTheQueueTheRequestEndsWithinATenthOfASecond) {
  FakeBackend a;
  a.then_reply(429, retry_after_ms(110'000));
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a") + "on_exhausted: {wait: 10m}\n");
  measure(
      gateway,
      [&](RawClient& client, std::size_t) {
        client.send(chat_request());
        ASSERT_TRUE(eventually([&] {
          return member_of(gateway.status(), 0)["throttled"] == 1 &&
                 metric(gateway.metrics(), "spillway_client_connections") == 1;
        }));
      },
      [&](std::size_t) { return no_client_is_left(gateway); });
  EXPECT_EQ(a.request_count(), 1U);
}

}  // namespace
}  // namespace spillway::test
