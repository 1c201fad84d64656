#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;
using testing::FieldsAre;

Loaded with(const std::string& keys) {
  return test::load(test::with_pool(keys));
}

Lines wrong(const std::string& keys) {
  return test::lines(with(keys).problems);
}

Pool pool(const std::string& keys) {
  const Loaded loaded = with(keys);
  EXPECT_EQ(test::lines(loaded.problems), Lines{}) << keys;
  return loaded.config ? loaded.config->pools.at(0) : Pool{};
}

Lines wrong_members(const std::string& members) {
  return test::problems(test::listeners + test::anonymous + test::backends +
                        "pools: [{name: main, members: " + members + "}]\n");
}

TEST(Pools, HaveDefaults) {
  const Pool main = pool("");
  EXPECT_EQ(main.name, "main");
  EXPECT_EQ(main.strategy, Strategy::round_robin);
  ASSERT_EQ(main.members.size(), 2U);
  EXPECT_EQ(main.members[1].backend, 1U);
  EXPECT_EQ(main.members[1].priority, 1);
  EXPECT_EQ(main.members[1].weight, 1);
  EXPECT_EQ(main.timeouts.connect, Milliseconds(3000));
  EXPECT_EQ(main.timeouts.first_byte, Milliseconds(300'000));
  EXPECT_EQ(main.timeouts.stream_idle, Milliseconds(300'000));
  EXPECT_EQ(main.timeouts.total, Milliseconds(0));
  EXPECT_EQ(main.circuit_breaker, std::nullopt);
}

TEST(Pools, RetryAsDocumentedByDefault) {
  const Retry retry = pool("").retry;
  EXPECT_THAT(retry.status_codes, ElementsAre(StatusRange{408, 408}, StatusRange{429, 429}, StatusRange{500, 500},
                                              StatusRange{502, 502}, StatusRange{503, 503}, StatusRange{504, 504}));
  EXPECT_THAT(retry.on_errors, testing::Each(true));
  EXPECT_EQ(retry.max_attempts, std::nullopt);
  EXPECT_EQ(retry.interval, Milliseconds(0));
  EXPECT_EQ(retry.delta, Milliseconds(0));
  EXPECT_EQ(retry.max_interval, Milliseconds(0));
  EXPECT_TRUE(retry.first_fast_retry);
  EXPECT_EQ(retry.deadline, Milliseconds(0));
}

TEST(Pools, TakeEveryRetryKey) {
  const Retry retry = pool(
                          ", retry: {status_codes: [429, '500-599', {min: 408, max: 409}], on_errors: [timeout, "
                          "connect], max_attempts: 30, "
                          "interval: 1s, delta: 2s, max_interval: 1m, first_fast_retry: false, deadline: PT20S}")
                          .retry;
  EXPECT_THAT(retry.status_codes, ElementsAre(StatusRange{429, 429}, StatusRange{500, 599}, StatusRange{408, 409}));
  EXPECT_THAT(retry.on_errors, ElementsAre(true, false, true, false, false));
  EXPECT_EQ(retry.max_attempts, 30);
  EXPECT_EQ(retry.interval, Milliseconds(1000));
  EXPECT_EQ(retry.delta, Milliseconds(2000));
  EXPECT_EQ(retry.max_interval, Milliseconds(60'000));
  EXPECT_FALSE(retry.first_fast_retry);
  EXPECT_EQ(retry.deadline, Milliseconds(20'000));
  EXPECT_EQ(pool(", retry: {max_attempts: all}").retry.max_attempts, std::nullopt);
  EXPECT_THAT(pool(", retry: {status_codes: [], on_errors: []}").retry.status_codes, testing::IsEmpty());
}

TEST(Pools, CheckStatusRanges) {
  const auto message = [](const std::string& range) {
    const Loaded loaded = with(", retry: {status_codes: [" + range + "]}");
    return loaded.problems.size() == 1 ? loaded.problems[0].path + ": " + loaded.problems[0].message : "";
  };
  const std::string form = " (429, \"500-599\" or {min: 500, max: 599}, within 200 to 599)";
  const std::string at = "pools[0].retry.status_codes[0]";
  EXPECT_EQ(message("199"), at + ": \"199\" is out of range" + form);
  EXPECT_EQ(message("'200-600'"), at + ": \"200-600\" is out of range" + form);
  EXPECT_EQ(message("5xx"), at + ": \"5xx\" is not a status or a range of them" + form);
  EXPECT_EQ(message("'500-'"), at + ": \"500-\" is not a status or a range of them" + form);
  EXPECT_EQ(message("[500, 599]"),
            at + ": a list (expected: 429, \"500-599\" or {min: 500, max: 599}, within 200 to 599)");
  EXPECT_EQ(message("{min: 500}"), at + ".max: missing" + form);
  EXPECT_EQ(message("{min: 500, max: 499}"), at + ": min is above max" + form);
  EXPECT_EQ(message("{min: 199, max: 499}"), at + ".min: \"199\" is out of range (200 to 599)");
  EXPECT_EQ(message("{min: 500, max: 501, mid: 1}"), at + ".mid: unknown key (did you mean \"min\"?)");
  EXPECT_EQ(message("'200 - 599'"), "");
}

TEST(Pools, CheckErrorKinds) {
  EXPECT_THAT(
      wrong(", retry: {on_errors: [timeuot, dns]}"),
      ElementsAre(
          "f.yaml:4:85: pools[0].retry.on_errors[0]: \"timeuot\" is not known here (did you mean \"timeout\"?)",
          "f.yaml:4:94: pools[0].retry.on_errors[1]: \"dns\" is not known here (connect, tls, timeout, reset or "
          "invalid_response)"));
}

TEST(Pools, CheckAttemptsAndWaits) {
  EXPECT_THAT(wrong(", retry: {max_attempts: 0}"),
              ElementsAre("f.yaml:4:87: pools[0].retry.max_attempts: \"0\" is out of range (1 to 30)"));
  EXPECT_THAT(
      wrong(", retry: {max_attempts: none}"),
      ElementsAre(
          "f.yaml:4:87: pools[0].retry.max_attempts: \"none\" is not understood (all, or whole number, 1 to 30)"));
  EXPECT_THAT(wrong(", retry: {interval: 5s, max_interval: 4s}"),
              ElementsAre("f.yaml:4:101: pools[0].retry.max_interval: is below interval (it caps the waits)"));
}

TEST(Pools, HaveOneToThirtyMembers) {
  EXPECT_THAT(wrong_members("[]"),
              ElementsAre("f.yaml:4:31: pools[0].members: 0 items (expected: list of members, 1 to 30)"));
  std::string yaml = test::listeners + test::anonymous + "backends:\n";
  for (int i = 0; i < 31; ++i) yaml += "- {name: b" + std::to_string(i) + ", url: 'https://b'}\n";
  yaml += "pools:\n- name: main\n  members:\n";
  for (int i = 0; i < 30; ++i) yaml += "  - {backend: b" + std::to_string(i) + "}\n";
  EXPECT_EQ(test::problems(yaml), Lines{});
  yaml += "  - {backend: b30}\n";
  EXPECT_THAT(test::problems(yaml),
              ElementsAre("f.yaml:38:3: pools[0].members: 31 items (expected: list of members, 1 to 30)"));
}

TEST(Pools, CheckTheirMembers) {
  EXPECT_THAT(wrong_members("[{backend: one}, {backend: two, priority: 101, weight: -1}, {backend: one}, {weight: 1}]"),
              ElementsAre("f.yaml:4:73: pools[0].members[1].priority: \"101\" is out of range (0 to 100)",
                          "f.yaml:4:86: pools[0].members[1].weight: \"-1\" is out of range (0 to 1000)",
                          "f.yaml:4:101: pools[0].members[2].backend: the backend is in this pool already, as "
                          "pools[0].members[0].backend (once is enough)",
                          "f.yaml:4:107: pools[0].members[3].backend: missing (name of a backend)"));
  EXPECT_THAT(wrong_members("[one, two]"),
              ElementsAre("f.yaml:4:32: pools[0].members[0]: a single value (expected: map)",
                          "f.yaml:4:37: pools[0].members[1]: a single value (expected: map)"));
  EXPECT_THAT(wrong_members("[{backend: one, priority: 0, weight: 0}, {backend: two, priority: 100, weight: 1000}]"),
              ElementsAre());
}

TEST(Pools, TakeEveryStrategy) {
  EXPECT_EQ(pool(", strategy: round_robin").strategy, Strategy::round_robin);
  EXPECT_EQ(pool(", strategy: least_latency").strategy, Strategy::least_latency);
  EXPECT_EQ(pool(", strategy: least_requests").strategy, Strategy::least_requests);
  EXPECT_THAT(
      wrong(", strategy: round-robin"),
      ElementsAre("f.yaml:4:75: pools[0].strategy: \"round-robin\" is not known here (did you mean \"round_robin\"?)"));
}

TEST(Pools, KeepOnlyObjectsToTheirBackendByDefault) {
  for (const char* keys : {"", ", affinity: {}"}) {
    const Affinity affinity = pool(keys).affinity;
    EXPECT_TRUE(affinity.response_ids) << keys;
    EXPECT_EQ(affinity.cookie, std::nullopt) << keys;
    EXPECT_EQ(affinity.header, std::nullopt) << keys;
    EXPECT_FALSE(affinity.prompt_cache) << keys;
    EXPECT_EQ(affinity.when_unavailable, WhenUnavailable::repin) << keys;
  }
}

TEST(Pools, TakeEveryAffinityKey) {
  const Affinity affinity =
      pool(
          ", affinity: {response_ids: false, cookie: {name: Spw}, header: X-Session-Id, prompt_cache: true, "
          "when_unavailable: fail}")
          .affinity;
  EXPECT_FALSE(affinity.response_ids);
  ASSERT_TRUE(affinity.cookie);
  EXPECT_EQ(affinity.cookie->name, "Spw");
  EXPECT_EQ(affinity.header, "X-Session-Id");
  EXPECT_TRUE(affinity.prompt_cache);
  EXPECT_EQ(affinity.when_unavailable, WhenUnavailable::fail);
  const std::optional<CookieAffinity> unnamed = pool(", affinity: {cookie: {}}").affinity.cookie;
  ASSERT_TRUE(unnamed);
  EXPECT_EQ(unnamed->name, "SessionId");
}

TEST(Pools, CheckNamesOfCookiesAndHeaders) {
  const std::string form = " is not usable as a name (letters, digits and !#$%&'*+-.^_`|~)";
  EXPECT_THAT(wrong(", affinity: {cookie: {name: 'a=b'}}"),
              ElementsAre("f.yaml:4:91: pools[0].affinity.cookie.name: \"a=b\"" + form));
  EXPECT_THAT(wrong(", affinity: {header: 'x session'}"),
              ElementsAre("f.yaml:4:84: pools[0].affinity.header: \"x session\"" + form));
  EXPECT_EQ(wrong(", affinity: {header: 'x:y', cookie: {name: ''}}").size(), 2U);
  EXPECT_EQ(pool(", affinity: {header: \"!#$%&'*+-.^_`|~\"}").affinity.header, "!#$%&'*+-.^_`|~");
  EXPECT_THAT(wrong(", affinity: {when_unavailable: repain}"),
              ElementsAre("f.yaml:4:94: pools[0].affinity.when_unavailable: \"repain\" is not known here (did you mean "
                          "\"repin\"?)"));
}

TEST(Pools, HaveUniqueNames) {
  EXPECT_THAT(test::problems(test::listeners + test::anonymous + test::backends +
                             "pools:\n- {name: a, members: [{backend: one}]}\n- {name: a, members: [{backend: two}]}\n"
                             "routes: [{name: r, pool: a}]\n"),
              ElementsAre("f.yaml:6:10: pools[1].name: the name is taken by pools[0].name (line 5)"));
}

}  // namespace
}  // namespace spillway::config
