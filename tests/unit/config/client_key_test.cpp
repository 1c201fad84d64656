#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "config/client_keys.hpp"
#include "fixture.hpp"

// Keys of clients that are hashed or end.
namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;

const std::string hash_of_abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Loaded with(const std::string& clients, const test::Map& variables = {}, WallTime now = {}) {
  return load_text(test::listeners + test::backends + test::pools + "clients: " + clients + "\n",
                   test::sources(variables), now);
}

Lines wrong(const std::string& clients, const test::Map& variables = {}) {
  return test::lines(with(clients, variables).problems);
}

WallTime utc(int year, unsigned month, unsigned day, std::chrono::seconds time = {}) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  return WallTime(std::chrono::sys_days(date) + time);
}

TEST(ClientKeys, MayBeHashed) {
  std::string upper = hash_of_abc;
  std::transform(upper.begin() + 7, upper.end(), upper.begin() + 7, [](char c) { return c >= 'a' ? c - 32 : c; });
  for (const std::string& hash : {hash_of_abc, upper, "SHA256:" + hash_of_abc.substr(7)}) {
    const Loaded loaded = with("[{name: app, keys: ['" + hash + "']}]");
    EXPECT_EQ(test::lines(loaded.problems), Lines{});
    ASSERT_NE(loaded.config, nullptr);
    EXPECT_EQ(loaded.config->clients.at(0).keys.at(0).digest, key_digest("abc"));
  }
}

TEST(ClientKeys, MayComeHashedFromOutside) {
  const Loaded loaded = with("[{name: app, keys: ['${HASH}']}]", {{"HASH", hash_of_abc}});
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->clients.at(0).keys.at(0).digest, key_digest("abc"));
}

TEST(ClientKeys, AreRefusedWhenTheHashIsNone) {
  const std::string message =
      "is not a hashed key (64 hexadecimal digits after sha256:, as `spillway hash-key` prints them)";
  std::string letter = hash_of_abc;
  letter.back() = 'g';
  for (const std::string& text : {std::string("sha256:"), std::string("sha256:my-key"), letter, hash_of_abc + "0",
                                  hash_of_abc.substr(0, hash_of_abc.size() - 1)}) {
    EXPECT_THAT(wrong("[{name: app, keys: ['" + text + "']}]"),
                ElementsAre("f.yaml:4:30: clients[0].keys[0]: " + message))
        << text;
  }
  EXPECT_THAT(wrong("[{name: app, keys: [{key: 'sha256:x'}]}]"),
              ElementsAre("f.yaml:4:36: clients[0].keys[0].key: " + message));
}

TEST(ClientKeys, AreNotSharedEvenWhenOneIsHashed) {
  const std::string message = "the same key as clients[0].keys[0] (a key belongs to one client)";
  EXPECT_THAT(wrong("[{name: a, keys: [abc]}, {name: b, keys: ['" + hash_of_abc + "']}]"),
              ElementsAre("f.yaml:4:52: clients[1].keys[0]: " + message));
  EXPECT_THAT(wrong("[{name: a, keys: ['" + hash_of_abc + "']}, {name: b, keys: [{key: abc}]}]"),
              ElementsAre("f.yaml:4:128: clients[1].keys[0].key: the same key as clients[0].keys[0] "
                          "(a key belongs to one client)"));
  EXPECT_THAT(wrong("[{name: a, keys: [abc, {key: abc, not_after: 2027-01-31}]}]"), ElementsAre());
}

TEST(ClientKeys, MayEnd) {
  const Loaded loaded = with(
      "[{name: a, keys: [{key: one, not_after: 2027-01-31}, {key: two, not_after: '2027-01-31T06:30:15Z'}, {key: "
      "three}]}]",
      {}, utc(2027, 1, 31));
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  EXPECT_EQ(test::lines(loaded.warnings), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  const std::vector<ClientKey>& keys = loaded.config->clients.at(0).keys;
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[0].expires, utc(2027, 2, 1)) << "the day is part of it";
  EXPECT_EQ(keys[1].expires, utc(2027, 1, 31, std::chrono::seconds(6 * 3600 + 30 * 60 + 15)));
  EXPECT_EQ(keys[2].expires, std::nullopt);
}

TEST(ClientKeys, ThatHaveEndedAreWarnedAbout) {
  const std::string yaml = "[{name: a, keys: [{key: one, not_after: 2027-01-31}]}]";
  EXPECT_EQ(test::lines(with(yaml, {}, utc(2027, 2, 1) - Milliseconds(1)).warnings), Lines{});
  const Loaded loaded = with(yaml, {}, utc(2027, 2, 1));
  EXPECT_NE(loaded.config, nullptr);
  EXPECT_THAT(test::lines(loaded.warnings),
              ElementsAre("f.yaml:4:50: clients[0].keys[0].not_after: is past (the key is refused; take it out)"));
}

TEST(ClientKeys, EndAtATimeThatExists) {
  for (const char* text : {"2027-02-29", "2027-13-01", "2027-1-31", "20270131", "2027-01-31T12:00Z", "31.01.2027",
                           "2027-01-31T12:00:00", "2027-01-31T24:00:00Z", "2027-01-31T12:00:00+01:00", "2027-01-3x",
                           "1969-12-31", "soon", "2027-01-31 12:00:00Z", "2027-01-+1"}) {
    EXPECT_EQ(parse_end(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_end("2028-02-29"), utc(2028, 3, 1));
  EXPECT_EQ(parse_end("9999-12-31"), WallTime::max());
  EXPECT_THAT(
      wrong("[{name: a, keys: [{key: one, not_after: soon}]}]"),
      ElementsAre("f.yaml:4:50: clients[0].keys[0].not_after: \"soon\" is not a date (such as 2027-01-31, which "
                  "includes that day, or 2027-01-31T12:00:00Z)"));
  EXPECT_THAT(wrong("[{name: a, keys: [{key: one, not_after: '${D}'}]}]", {{"D", "tomorrow"}}),
              ElementsAre(testing::HasSubstr("not_after: the value is not a date")));
}

TEST(ClientKeys, InMapsNeedAKeyAndNothingUnknown) {
  EXPECT_THAT(wrong("[{name: a, keys: [{not_after: 2027-01-31}]}]"),
              ElementsAre("f.yaml:4:28: clients[0].keys[0].key: missing (secret or its hash)"));
  EXPECT_THAT(wrong("[{name: a, keys: [{key: one, until: 2027-01-31}]}]"),
              ElementsAre(testing::HasSubstr("clients[0].keys[0]: unknown key")));
  EXPECT_THAT(wrong("[{name: a, keys: [[one]]}]"),
              ElementsAre(testing::HasSubstr("clients[0].keys[0]: a list (expected: a secret")));
}

TEST(ClientKeys, InMapsAreIgnoredWhenEmpty) {
  const Loaded loaded = with("[{name: a, keys: [one, {key: '${NEXT:-}', not_after: 2027-01-31}]}]");
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->clients.at(0).keys.size(), 1U);
}

TEST(ClientKeys, StandInNoMessageWhatever) {
  const std::string secret = "very-secret-text";
  for (const std::string& item : {"'sha256:" + secret + "'", "{key: 'sha256:" + secret + "'}", "{" + secret + ": x}",
                                  "{key: '" + secret + " '}", "{key: [" + secret + "]}"}) {
    for (const std::string& line : wrong("[{name: a, keys: [" + item + "]}]"))
      EXPECT_THAT(line, testing::Not(testing::HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace spillway::config
