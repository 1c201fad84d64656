#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using test::problems;
using testing::ElementsAre;

std::shared_ptr<const Config> with(const std::string& line, const test::Map& variables = {}) {
  const Loaded loaded = test::load(test::minimal + line + "\n", variables);
  EXPECT_EQ(test::lines(loaded.problems), Lines{}) << line;
  return loaded.config ? loaded.config : std::make_shared<Config>();
}

// The only problem of `minimal` with this line, without file, line and column.
std::string wrong(const std::string& line, const test::Map& variables = {}) {
  const Loaded loaded = test::load(test::minimal + line + "\n", variables);
  if (loaded.problems.size() != 1) return std::to_string(loaded.problems.size()) + " problems";
  return loaded.problems[0].path + ": " + loaded.problems[0].message;
}

TEST(Values, DurationsComeInBothNotations) {
  EXPECT_EQ(with("drain_delay: 250ms")->drain_delay, Milliseconds(250));
  EXPECT_EQ(with("drain_delay: 10s")->drain_delay, Milliseconds(10'000));
  EXPECT_EQ(with("drain_delay: PT1M30S")->drain_delay, Milliseconds(90'000));
  EXPECT_EQ(with("drain_delay: '${D}'", {{"D", "1h"}})->drain_delay, Milliseconds(3'600'000));
  EXPECT_EQ(wrong("drain_delay: -1s"), "drain_delay: \"-1s\" is not a duration (write 250ms, 10s, 5m, 1h or PT10S)");
  EXPECT_EQ(wrong("drain_delay: ''"), "drain_delay: \"\" is empty (write 250ms, 10s, 5m, 1h or PT10S)");
  EXPECT_EQ(wrong("timeouts: {keep_alive: 0s}"), "timeouts.keep_alive: \"0s\" is too short (at least 1ms)");
  EXPECT_EQ(with("timeouts: {keep_alive: 1ms}")->timeouts.keep_alive, Milliseconds(1));
}

TEST(Values, SizesHaveUnitsAndBounds) {
  EXPECT_EQ(with("limits: {max_header_size: 63KiB}")->limits.max_header_size, 63U << 10);
  EXPECT_EQ(with("limits: {max_header_size: 1024}")->limits.max_header_size, 1024U);
  EXPECT_EQ(wrong("limits: {max_header_size: 64KiB}"),
            "limits.max_header_size: \"64KiB\" is out of range (1KiB to 63KiB)");
  EXPECT_EQ(wrong("limits: {max_header_size: 1023}"),
            "limits.max_header_size: \"1023\" is out of range (1KiB to 63KiB)");
  EXPECT_EQ(with("limits: {replay_buffer: 2GiB}")->limits.replay_buffer, 2ULL << 30);
  EXPECT_EQ(wrong("limits: {replay_buffer: 2147483649}"),
            "limits.replay_buffer: \"2147483649\" is out of range (1KiB to 2GiB)");
  EXPECT_EQ(wrong("limits: {replay_buffer: 8 MiB}"),
            "limits.replay_buffer: \"8 MiB\" is not a size (write 512, 64KiB, 8MiB or 1GiB)");
}

TEST(Values, WholeNumbersAreStrict) {
  EXPECT_EQ(with("workers: 1")->workers, 1);
  EXPECT_EQ(with("workers: '256'")->workers, 256);
  EXPECT_EQ(with("workers: auto")->workers, std::nullopt);
  EXPECT_EQ(with("workers: ${N:-3}")->workers, 3);
  EXPECT_EQ(wrong("workers: 257"), "workers: \"257\" is out of range (1 to 256)");
  EXPECT_EQ(wrong("workers: 99999999999999999999"), "workers: \"99999999999999999999\" is out of range (1 to 256)");
  EXPECT_EQ(wrong("workers: -1"), "workers: \"-1\" is out of range (1 to 256)");
  EXPECT_EQ(wrong("workers: Auto"), "workers: \"Auto\" is not understood (auto, or whole number, 1 to 256)");
  const std::string field = "limits: {max_header_fields: ";
  EXPECT_EQ(with(field + "1000}")->limits.max_header_fields, 1000U);
  for (const char* text : {"010", "1.0", "0x10", "+1", "1_000", "1e2", "ten"}) {
    EXPECT_EQ(wrong(field + text + "}"),
              "limits.max_header_fields: \"" + std::string(text) + "\" is not a whole number (1 to 1000)");
  }
  EXPECT_EQ(wrong(field + "'${X}'}", {{"X", "1001"}}),
            "limits.max_header_fields: the value is out of range (1 to 1000)");
}

TEST(Values, TruthValuesAreTrueAndFalse) {
  EXPECT_TRUE(with("response_headers: {attempts: true}")->response_headers.attempts);
  EXPECT_FALSE(with("response_headers: {region: 'false'}")->response_headers.region);
  EXPECT_EQ(wrong("log: {access: off}"), "log.access: \"off\" is not a truth value (write false)");
  EXPECT_EQ(wrong("log: {access: True}"), "log.access: \"True\" is not a truth value (write true)");
  EXPECT_EQ(wrong("log: {access: 2}"), "log.access: \"2\" is not a truth value (true or false)");
  EXPECT_EQ(wrong("log: {access: }"), "log.access: there is no value (expected: true or false)");
}

TEST(Values, TheAccessLogMayBeThinnedOut) {
  const auto config = with("log: {access_one_in: 100, access_slow: 5s}");
  EXPECT_EQ(config->log.access_one_in, 100U);
  EXPECT_EQ(config->log.access_slow, Milliseconds(5000));
  EXPECT_EQ(wrong("log: {access_one_in: 0}"), "log.access_one_in: \"0\" is out of range (1 to 100000)");
  EXPECT_EQ(wrong("log: {access_one_in: 0.1}"), "log.access_one_in: \"0.1\" is not a whole number (1 to 100000)");
  EXPECT_EQ(wrong("log: {access_slow: 0s}"), "log.access_slow: \"0s\" is too short (at least 1ms)");
}

TEST(Values, WordsMapToTheirMeaning) {
  EXPECT_EQ(with("on_exhausted: {status: 429}")->on_exhausted.status, ExhaustedStatus::s429);
  EXPECT_EQ(with("on_exhausted: {status: upstream, wait: 2s}")->on_exhausted.status, ExhaustedStatus::upstream);
  EXPECT_EQ(with("on_exhausted: {wait: 2s}")->on_exhausted.wait, Milliseconds(2000));
  EXPECT_EQ(with("log: {level: off, format: text, access: false}")->log.level, log::Level::off);
  EXPECT_EQ(with("log: {format: text}")->log.format, log::Format::text);
  EXPECT_EQ(wrong("on_exhausted: {status: 502}"),
            "on_exhausted.status: \"502\" is not known here (did you mean \"503\"?)");
}

TEST(Values, EverySectionStartsFromItsDefaults) {
  const auto config =
      with("limits: {max_connections: 5}\ntimeouts: {write_idle: 1s}\nresponse_headers: {region: false}");
  EXPECT_EQ(config->limits.max_header_size, 32U << 10);
  EXPECT_EQ(config->limits.max_header_fields, 100U);
  EXPECT_EQ(config->limits.max_request_body, 512ULL << 20);
  EXPECT_EQ(config->limits.replay_buffer, 32ULL << 20);
  EXPECT_EQ(config->limits.max_connections, 5U);
  EXPECT_EQ(config->timeouts.request_header, Milliseconds(10'000));
  EXPECT_EQ(config->timeouts.request_body_idle, Milliseconds(60'000));
  EXPECT_EQ(config->timeouts.keep_alive, Milliseconds(75'000));
  EXPECT_EQ(config->timeouts.write_idle, Milliseconds(1000));
  EXPECT_TRUE(config->response_headers.routed_backend);
  EXPECT_TRUE(config->response_headers.routing_strategy);
  EXPECT_TRUE(config->response_headers.circuit_state);
  EXPECT_FALSE(config->response_headers.attempts);
  EXPECT_EQ(config->on_exhausted.status, ExhaustedStatus::s503);
  EXPECT_EQ(config->drain_delay, Milliseconds(0));
  EXPECT_TRUE(config->log.access);
  EXPECT_EQ(config->log.access_one_in, 1U);
  EXPECT_EQ(config->log.access_slow, Milliseconds(30'000));
}

TEST(Values, OfLaterVersionsAreNamedAtTheTopToo) {
  EXPECT_EQ(wrong("entra: {}"), "entra: not supported in this version (use clients with keys)");
  EXPECT_EQ(wrong("affinity: {cookie: {name: S}}"), "affinity: not supported in this version (it belongs to a pool)");
}

}  // namespace
}  // namespace spillway::config
