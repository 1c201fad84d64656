#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using test::problems;
using testing::ElementsAre;
using testing::Not;

TEST(Problems, AreReportedAllAtOnceInFileOrder) {
  const std::string yaml =
      "listeners:\n"
      "  - adress: 0.0.0.0:8080\n"
      "  - address: 0.0.0.0\n"
      "workers: 0\n"
      "allow_anonymous: yes\n"
      "backends:\n"
      "  - name: east\n"
      "    url: https://east.example\n"
      "    kind: pto\n"
      "    auth:\n"
      "      api_key: ${EAST_KEY}\n"
      "    name: other\n"
      "  - name: west\n"
      "    url: west.example\n"
      "pools:\n"
      "  - name: openai\n"
      "    strategy: least_latncy\n"
      "    members:\n"
      "      - {backend: east, priority: high}\n"
      "      - {backend: wesd, weight: 1001}\n"
      "    affinity: {heeder: x}\n"
      "    retry:\n"
      "      interval: 5\n"
      "      status_codes: [429, 600, \"599-500\"]\n"
      "routes: default\n"
      "drain_timeout:\n"
      "limits: [1]\n";
  EXPECT_EQ(
      problems(yaml),
      (Lines{
          "f.yaml:2:5: listeners[0].adress: unknown key (did you mean \"address\"?)",
          "f.yaml:2:5: listeners[0].address: missing (host:port)",
          "f.yaml:3:14: listeners[1].address: \"0.0.0.0\" is not an address (host:port, such as 0.0.0.0:8443, "
          "127.0.0.1:0 or "
          "[::]:8443)",
          "f.yaml:4:10: workers: \"0\" is out of range (1 to 256)",
          "f.yaml:5:18: allow_anonymous: \"yes\" is not a truth value (write true)",
          "f.yaml:9:11: backends[0].kind: \"pto\" is not known here (did you mean \"ptu\"?)",
          "f.yaml:11:16: backends[0].auth.api_key: the variable EAST_KEY is not set (set it, or give a default: "
          "${EAST_KEY:-default})",
          "f.yaml:12:5: backends[0].name: duplicate key (given already in line 7)",
          "f.yaml:14:10: backends[1].url: the URL does not begin with https:// or http:// (write https://HOST, with "
          ":PORT and "
          "/PREFIX if needed)",
          "f.yaml:17:15: pools[0].strategy: \"least_latncy\" is not known here (did you mean \"least_latency\"?)",
          "f.yaml:19:35: pools[0].members[0].priority: \"high\" is not a whole number (0 to 100)",
          "f.yaml:20:19: pools[0].members[1].backend: \"wesd\" is not the name of a backend (did you mean \"west\"?)",
          "f.yaml:20:33: pools[0].members[1].weight: \"1001\" is out of range (0 to 1000)",
          "f.yaml:21:16: pools[0].affinity.heeder: unknown key (did you mean \"header\"?)",
          "f.yaml:23:17: pools[0].retry.interval: \"5\" is not a duration (write 250ms, 10s, 5m, 1h or PT10S)",
          "f.yaml:24:27: pools[0].retry.status_codes[1]: \"600\" is out of range (429, \"500-599\" or {min: 500, max: "
          "599}, within "
          "200 to 599)",
          "f.yaml:24:32: pools[0].retry.status_codes[2]: \"599-500\" ends before it begins (429, \"500-599\" or {min: "
          "500, max: "
          "599}, within 200 to 599)",
          "f.yaml:25:9: routes: a single value (expected: list of routes, 1 to 10000)",
          "f.yaml:26:1: drain_timeout: there is no value (expected: duration)",
          "f.yaml:27:9: limits: a list (expected: map)",
      }));
}

TEST(Problems, ListTheKnownKeysWhenNoneIsNear) {
  EXPECT_THAT(problems(test::minimal + "on_exhausted: {zzzzzz: 1}\n"),
              ElementsAre("f.yaml:5:16: on_exhausted.zzzzzz: unknown key (one of status, wait)"));
}

TEST(Problems, ComeWithAPositionInsideFlowMapsToo) {
  EXPECT_THAT(
      problems(test::with_pool(", timeouts: {connect: 3, total: x}")),
      ElementsAre("f.yaml:4:85: pools[0].timeouts.connect: \"3\" is not a duration (write 250ms, 10s, 5m, 1h or PT10S)",
                  "f.yaml:4:95: pools[0].timeouts.total: \"x\" is not a duration (write 250ms, 10s, 5m, 1h or PT10S)"));
}

TEST(Problems, CountDuplicatesAtEveryLevel) {
  EXPECT_THAT(problems(test::minimal + "workers: 1\nlog: {level: info, level: warn}\nworkers: 2\n"),
              ElementsAre("f.yaml:6:20: log.level: duplicate key (given already in line 6)",
                          "f.yaml:7:1: workers: duplicate key (given already in line 5)"));
}

TEST(Problems, RefuseMergeKeys) {
  EXPECT_THAT(problems(test::minimal + "log: {<<: {level: info}}\n"),
              ElementsAre("f.yaml:5:7: log.<<: unknown key (one of level, format, access, access_one_in, access_slow)"));
}

TEST(Problems, StayOnOneLineWhateverTheFileHolds) {
  const Lines found = problems(test::minimal + "workers: \"a\\nb\\x1b[31m\"\n");
  EXPECT_THAT(found,
              ElementsAre("f.yaml:5:10: workers: \"a?b?[31m\" is not understood (auto, or whole number, 1 to 256)"));
}

TEST(Problems, CutLongTextWithoutBreakingACharacter) {
  const Lines found = problems(test::minimal + "log: {level: " + std::string(59, 'x') + "\xC3\xA4" + "yyy}\n");
  EXPECT_THAT(found, ElementsAre("f.yaml:5:14: log.level: \"" + std::string(59, 'x') +
                                 "...\" is not known here (debug, info, warn, error or off)"));
}

TEST(Problems, AreBounded) {
  std::string yaml = "{";
  for (int i = 0; i < 5000; ++i) yaml += "k" + std::to_string(i) + ": 1, ";
  EXPECT_EQ(problems(yaml + "}").size(), 1000U);
}

TEST(Problems, NameNoPlaceWhenThereIsNone) {
  EXPECT_EQ(format({0, 0, "", "wrong"}, "x"), "x: wrong");
  EXPECT_EQ(format({3, 9, "", "wrong"}, "x"), "x:3:9: wrong");
  EXPECT_EQ(format({3, 9, "a.b", "wrong"}, "x"), "x:3:9: a.b: wrong");
}

// What came from outside, and what stands where secrets stand, is never repeated.
TEST(Problems, NeverEchoASubstitutedValue) {
  const test::Map variables = {{"S", "s3cret"}};
  const std::vector<std::string> values = {
      "workers: '${S}'",
      "allow_anonymous: '${S}'",
      "drain_delay: '${S}'",
      "limits: {max_header_size: '${S}', max_header_fields: '${S}'}",
      "log: {level: '${S}'}",
      "on_exhausted: {status: '${S}'}",
      "admin: {address: '${S}'}",
      "'${S}': 1",
      "log: {'${S}': 1}",
      "routes: [{name: '${S};', pool: '${S}', rewrite_path: '${S}', match: {path: '${S}', models: ['${S} '], clients: "
      "['${S}']}}]",
      "clients: [{name: a, keys: ['${S} x'], routes: ['${S}']}, {name: b, keys: ['${S}']}, {name: c, keys: ['${S}']}]",
      "timeouts: '${S}'",
  };
  for (const std::string& value : values) {
    const Lines found = problems(test::listeners + test::backends + test::pools + value + "\n", variables);
    EXPECT_THAT(found, Not(testing::IsEmpty())) << value;
    EXPECT_THAT(found, testing::Each(Not(testing::HasSubstr("s3cret")))) << value;
  }
  const std::vector<std::string> backend_keys = {
      ", region: \"${S}\\n\"",
      ", kind: '${S}'",
      ", api: '${S}'",
      ", api_version: '${S}!'",
      ", auth: {api_key: '${S} '}",
      ", auth: '${S}'",
      ", auth: {'${S}': 1}",
      ", deployments: {'${S} ': '${S} '}",
      ", tls: {ca: '${S}', server_name: '${S}/'}",
  };
  for (const std::string& keys : backend_keys) {
    const Lines found = problems(test::with_backend(keys), variables);
    EXPECT_THAT(found, Not(testing::IsEmpty())) << keys;
    EXPECT_THAT(found, testing::Each(Not(testing::HasSubstr("s3cret")))) << keys;
  }
}

TEST(Problems, NeverSuggestASubstitutedName) {
  const std::string yaml = test::listeners + test::anonymous +
                           "backends: [{name: '${S}', url: 'https://one.example'}]\n"
                           "pools: [{name: main, members: [{backend: s3cre}]}]\n";
  EXPECT_THAT(
      problems(yaml, {{"S", "s3cret"}}),
      ElementsAre(
          "f.yaml:4:42: pools[0].members[0].backend: \"s3cre\" is not the name of a backend (there is no backend)"));
}

TEST(Problems, NeverEchoASecretWrittenInTheWrongPlace) {
  for (const char* keys : {", auth: s3cret", ", auth: {s3cret}", ", auth: {api_key: {s3cret: 1}}", ", auth: [s3cret]",
                           ", auth: {api_key: 's3cret x'}", ", auth: {api_key: \"s3cret\\n\"}"}) {
    const Lines found = problems(test::with_backend(keys));
    EXPECT_THAT(found, Not(testing::IsEmpty())) << keys;
    EXPECT_THAT(found, testing::Each(Not(testing::HasSubstr("s3cret")))) << keys;
  }
  const Lines url = problems(test::listeners + test::anonymous +
                             "backends: [{name: one, url: 'https://user:s3cret@one.example'}]\n"
                             "pools: [{name: main, members: [{backend: one}]}]\n");
  EXPECT_THAT(url,
              ElementsAre("f.yaml:3:29: backends[0].url: the URL has a user name (give credentials in auth) (write "
                          "https://HOST, with :PORT and /PREFIX if needed)"));
}

}  // namespace
}  // namespace spillway::config
