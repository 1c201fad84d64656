#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;

const std::string condition = "failure_condition: {count: 2, interval: 10s, status_code_ranges: [503]}";
const std::string rule = "{name: mine, " + condition + ", trip_duration: 30s}";

Loaded with(const std::string& breaker) {
  return test::load(test::with_pool(", circuit_breaker: " + breaker));
}

CircuitBreaker breaker(const std::string& yaml) {
  const Loaded loaded = with(yaml);
  EXPECT_EQ(test::lines(loaded.problems), Lines{}) << yaml;
  return loaded.config ? loaded.config->backends.at(0).circuit_breaker : CircuitBreaker{};
}

// The problems' paths below the breaker, and their messages.
Lines wrong(const std::string& yaml) {
  Lines out;
  for (const Problem& problem : with(yaml).problems) {
    const std::string prefix = "pools[0].circuit_breaker";
    out.push_back((problem.path.starts_with(prefix) ? problem.path.substr(prefix.size()) : problem.path) + ": " +
                  problem.message);
  }
  return out;
}

TEST(CircuitBreakers, HaveTwoRulesByDefault) {
  const CircuitBreaker defaults = CircuitBreaker::defaults();
  ASSERT_EQ(defaults.rules.size(), 2U);
  EXPECT_EQ(defaults.max_retry_after, Milliseconds(120'000));
  const BreakerRule& throttled = defaults.rules[0];
  EXPECT_EQ(throttled.name, "throttled");
  EXPECT_EQ(throttled.failure_condition.count, 1);
  EXPECT_EQ(throttled.failure_condition.interval, Milliseconds(300'000));
  EXPECT_TRUE(throttled.failure_condition.counts(429));
  EXPECT_FALSE(throttled.failure_condition.counts(428));
  EXPECT_FALSE(throttled.failure_condition.counts(500));
  EXPECT_FALSE(throttled.failure_condition.counts(ErrorKind::timeout));
  EXPECT_EQ(throttled.trip_duration, Milliseconds(10'000));
  EXPECT_TRUE(throttled.accept_retry_after);
  EXPECT_FALSE(throttled.half_open);
  const BreakerRule& failing = defaults.rules[1];
  EXPECT_EQ(failing.name, "failing");
  EXPECT_EQ(failing.failure_condition.count, 3);
  EXPECT_EQ(failing.failure_condition.interval, Milliseconds(10'000));
  for (const int status : {408, 500, 599}) EXPECT_TRUE(failing.failure_condition.counts(status)) << status;
  for (const int status : {200, 400, 407, 409, 429, 499})
    EXPECT_FALSE(failing.failure_condition.counts(status)) << status;
  EXPECT_THAT(failing.failure_condition.error_reasons, testing::Each(true));
  EXPECT_EQ(failing.trip_duration, Milliseconds(60'000));
  EXPECT_TRUE(failing.accept_retry_after);
  EXPECT_TRUE(failing.half_open);
}

TEST(CircuitBreakers, TakeEveryKey) {
  const CircuitBreaker one = breaker(
      "{rules: [{name: slow, failure_condition: {percentage: 50, min_requests: 20, interval: PT1M, status_code_ranges: "
      "[408, "
      "'500-502'], error_reasons: [timeout]}, trip_duration: 5s, accept_retry_after: false, half_open: true}], "
      "max_retry_after: 30s}");
  ASSERT_EQ(one.rules.size(), 1U);
  const BreakerRule& slow = one.rules[0];
  EXPECT_EQ(slow.name, "slow");
  EXPECT_EQ(slow.failure_condition.count, std::nullopt);
  EXPECT_EQ(slow.failure_condition.percentage, 50);
  EXPECT_EQ(slow.failure_condition.min_requests, 20);
  EXPECT_EQ(slow.failure_condition.interval, Milliseconds(60'000));
  EXPECT_TRUE(slow.failure_condition.counts(501));
  EXPECT_TRUE(slow.failure_condition.counts(ErrorKind::timeout));
  EXPECT_FALSE(slow.failure_condition.counts(ErrorKind::reset));
  EXPECT_EQ(slow.trip_duration, Milliseconds(5000));
  EXPECT_FALSE(slow.accept_retry_after);
  EXPECT_TRUE(slow.half_open);
  EXPECT_EQ(one.max_retry_after, Milliseconds(30'000));
}

TEST(CircuitBreakers, ReplaceTheDefaultRulesOnlyWhenRulesAreGiven) {
  EXPECT_EQ(breaker("{max_retry_after: 1m}").rules, CircuitBreaker::defaults().rules);
  EXPECT_EQ(breaker("{rules: [" + rule + "]}").rules.size(), 1U);
  EXPECT_THAT(breaker("{rules: []}").rules, testing::IsEmpty());
  const BreakerRule mine = breaker("{rules: [" + rule + "]}").rules.at(0);
  EXPECT_TRUE(mine.accept_retry_after);
  EXPECT_FALSE(mine.half_open);
  EXPECT_EQ(mine.failure_condition.min_requests, 10);
}

TEST(CircuitBreakers, CheckTheirRules) {
  EXPECT_EQ(wrong("{rules: [{}]}"),
            (Lines{".rules[0].name: missing (name)", ".rules[0].failure_condition: missing (map)",
                   ".rules[0].trip_duration: missing (duration, at least 1ms)"}));
  EXPECT_EQ(wrong("{rules: [" + rule + ", " + rule + "]}"),
            (Lines{".rules[1].name: the name is taken by pools[0].circuit_breaker.rules[0].name (line 4)"}));
  EXPECT_EQ(wrong("{rules: [{name: a, " + condition + ", trip_duration: 0s}]}"),
            (Lines{".rules[0].trip_duration: \"0s\" is too short (at least 1ms)"}));
  EXPECT_EQ(wrong("{max_retry_after: 0s}"), (Lines{".max_retry_after: \"0s\" is too short (at least 1ms)"}));
}

TEST(CircuitBreakers, CheckTheirConditions) {
  const auto of = [](const std::string& keys) {
    Lines found = wrong("{rules: [{name: a, trip_duration: 1s, failure_condition: {" + keys + "}}]}");
    for (std::string& line : found) line = line.substr(std::string(".rules[0].failure_condition").size());
    return found;
  };
  const std::string rest = ", interval: 1s, status_code_ranges: [500]";
  EXPECT_EQ(of("count: 1" + rest), Lines{});
  EXPECT_EQ(of("count: 10000" + rest), Lines{});
  EXPECT_EQ(of("percentage: 100" + rest), Lines{});
  EXPECT_EQ(of("count: 1, percentage: 1" + rest),
            (Lines{".percentage: count and percentage exclude each other (give exactly one)"}));
  EXPECT_EQ(of("interval: 1s, status_code_ranges: [500]"),
            (Lines{": neither count nor percentage (give exactly one)"}));
  EXPECT_EQ(of("count: 0" + rest), (Lines{".count: \"0\" is out of range (1 to 10000)"}));
  EXPECT_EQ(of("count: 10001" + rest), (Lines{".count: \"10001\" is out of range (1 to 10000)"}));
  EXPECT_EQ(of("percentage: 0" + rest), (Lines{".percentage: \"0\" is out of range (1 to 100)"}));
  EXPECT_EQ(of("percentage: 101" + rest), (Lines{".percentage: \"101\" is out of range (1 to 100)"}));
  EXPECT_EQ(of("count: 1, min_requests: 5" + rest), (Lines{".min_requests: has a meaning only beside percentage"}));
  EXPECT_EQ(of("count: 1, interval: 0s, status_code_ranges: [500]"),
            (Lines{".interval: \"0s\" is too short (at least 1ms)"}));
  EXPECT_EQ(of("count: 1, status_code_ranges: [500]"), (Lines{".interval: missing (duration, at least 1ms)"}));
  EXPECT_EQ(of("count: 1, interval: 1s"), (Lines{": counts nothing (give status_code_ranges, error_reasons or both)"}));
  EXPECT_EQ(of("count: 1, interval: 1s, error_reasons: [rest]"),
            (Lines{".error_reasons[0]: \"rest\" is not known here (did you mean \"reset\"?)"}));
}

std::string two_pools(const std::string& backend_keys, const std::string& first, const std::string& second) {
  return test::listeners + test::anonymous + "backends: [{name: one, url: 'https://one'" + backend_keys +
         "}]\npools:\n" + "- {name: a, members: [{backend: one}]" + first + "}\n- {name: b, members: [{backend: one}]" +
         second + "}\nroutes: [{name: x, match: {path: /x}, pool: a}, {name: y, pool: b}]\n";
}

TEST(CircuitBreakers, OfABackendGoBeforeThoseOfItsPools) {
  const Loaded loaded =
      test::load(two_pools(", circuit_breaker: {max_retry_after: 7s}", ", circuit_breaker: {max_retry_after: 1s}", ""));
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->backends[0].circuit_breaker.max_retry_after, Milliseconds(7000));
  EXPECT_EQ(loaded.config->backends[0].circuit_breaker.rules, CircuitBreaker::defaults().rules);
}

TEST(CircuitBreakers, OfTwoPoolsMustAgreeAboutASharedBackend) {
  EXPECT_EQ(test::problems(two_pools("", ", circuit_breaker: {max_retry_after: 1s}",
                                     ", circuit_breaker: {max_retry_after: 1000ms}")),
            Lines{});
  EXPECT_EQ(test::problems(two_pools("", "", ", circuit_breaker: {max_retry_after: 2m}")), Lines{});
  EXPECT_THAT(test::problems(two_pools("", ", circuit_breaker: {max_retry_after: 1s}", "")),
              ElementsAre("f.yaml:6:33: pools[1].members[0].backend: the backend gets other circuit_breaker rules from "
                          "pools[0] (give the "
                          "backend a circuit_breaker of its own)"));
}

}  // namespace
}  // namespace spillway::config
