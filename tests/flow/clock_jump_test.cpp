#include <gtest/gtest.h>

#include <chrono>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "system_faults.hpp"
#include "test_gateway.hpp"

// The wall clock is put forward or back; what Spillway measures is time that passes.
namespace spillway::test {
namespace {

class ClockJumps : public testing::TestWithParam<std::chrono::seconds> {};
INSTANTIATE_TEST_SUITE_P(By, ClockJumps,
                         testing::Values(std::chrono::hours(1), std::chrono::hours(-1), std::chrono::seconds(1),
                                         std::chrono::seconds(-1)),
                         [](const testing::TestParamInfo<std::chrono::seconds>& tested) {
                           const auto by = tested.param.count();
                           return (by < 0 ? "Back" : "Forward") + std::to_string(by < 0 ? -by : by) + "Seconds";
                         });

nlohmann::json circuit_of(const TestGateway& gateway, std::size_t member) {
  return member_of(gateway.status(), member)["circuits"][0];
}

TEST_P(ClockJumps, U32ChangesNothingForCircuitsStreamsAndKeptConnections) {
  FakeBackend throttled, failing, good;
  throttled.always_reply(429, {{"Retry-After", "100"}});
  failing.always_reply(500);
  const std::string known = ", deployments: {gpt-4o: gpt-4o}}\n";
  const TestGateway gateway(
      clients_yaml() + "backends:\n  - {name: a, url: \"" + throttled.url() + "\"" + known + "  - {name: b, url: \"" +
          failing.url() + "\"" + known + "  - {name: c, url: \"" + good.url() + "\"" + known +
          pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}, {backend: c, priority: 3}",
                    "timeouts: {stream_idle: 20m, first_byte: 20m, total: 30m}"),
      one_worker());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.chat().header("x-routed-backend"), "c");
  ASSERT_EQ(circuit_of(gateway, 0)["state"], "open");
  ASSERT_EQ(circuit_of(gateway, 1)["state"], "open");
  good.then([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: before\n\n");
    if (!turn.wait_for_release()) return turn.close();
    turn.chunk("data: after\n\n");
    turn.end_stream();
  });
  good.then([](FakeBackend::Turn& turn) {
    if (turn.wait_for_release()) turn.reply(200, {}, "late");
  });
  RawClient stream = gateway.client();
  stream.send(chat_request());
  ASSERT_TRUE(stream.receive_until("before"));
  RawClient waiting = gateway.client();
  waiting.send(chat_request());
  ASSERT_TRUE(good.wait_for_requests(5));
  RawClient idle = gateway.client();
  EXPECT_EQ(idle.call(chat_request()).status(), 200);
  const std::size_t connections = good.connection_count();

  const ClockJump jump(GetParam());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(idle.call(chat_request()).header("x-routed-backend"), "c");
  EXPECT_EQ(good.connection_count(), connections) << "kept connections are as young as before";
  for (const std::size_t member : {0U, 1U}) {
    EXPECT_EQ(circuit_of(gateway, member)["state"], "open");
    EXPECT_GT(circuit_of(gateway, member)["reopens_in_ms"], 0);
    EXPECT_LE(circuit_of(gateway, member)["reopens_in_ms"], 100'000);
  }
  EXPECT_EQ(throttled.request_count(), 1U);
  EXPECT_EQ(failing.request_count(), 3U);
  good.release();
  good.release();
  EXPECT_EQ(stream.receive().body, "data: before\n\ndata: after\n\n");
  EXPECT_EQ(waiting.receive().body, "late");
  EXPECT_EQ(gateway.admin("GET", "/healthz").status(), 200);
}

TEST(ClockJump, U32IsRememberedByTheWallClockOnly) {
  const auto wall = std::chrono::system_clock::now();
  const auto steady = std::chrono::steady_clock::now();
  const ClockJump jump(std::chrono::hours(1));
  EXPECT_GE(std::chrono::system_clock::now() - wall, std::chrono::hours(1)) << "the fault is one";
  EXPECT_LT(std::chrono::steady_clock::now() - steady, std::chrono::hours(1));
}

}  // namespace
}  // namespace spillway::test
