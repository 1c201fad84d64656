#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "steady_load.hpp"
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
  SteadyLoad load(gateway);
  bool is_used = true;
  for (int life = 0; life < 20; ++life) {
    is_used = is_used && a.wait_for_requests(a.request_count() + 10);
    a.kill();
    const int seen = load.served();
    EXPECT_TRUE(eventually([&] { return load.served() > seen + 20; }));
    a.restart();
  }
  EXPECT_TRUE(is_used && a.wait_for_requests(a.request_count() + 10)) << "again in each of its lives";
  load.stop();
  EXPECT_EQ(load.lost(), 0) << "of " << load.served() + load.lost();
}

}  // namespace
}  // namespace spillway::test
