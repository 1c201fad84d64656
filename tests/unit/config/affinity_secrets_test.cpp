#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string sixteen = "0123456789abcdef";

Loaded with(const std::string& list, const test::Map& variables = {}) {
  return test::load(test::minimal + "affinity_secrets: " + list + "\n", variables);
}

std::vector<std::string> secrets(const Loaded& loaded) {
  EXPECT_EQ(test::lines(loaded.problems), test::Lines{});
  std::vector<std::string> out;
  if (loaded.config)
    for (const Secret& secret : loaded.config->affinity_secrets) out.push_back(std::string(secret.reveal()));
  return out;
}

TEST(AffinitySecrets, AreNoneByDefault) {
  EXPECT_THAT(secrets(test::load(test::minimal)), ElementsAre());
}

TEST(AffinitySecrets, KeepTheirOrder) {
  const std::string former = "fedcba9876543210fedcba";
  EXPECT_THAT(secrets(with("['" + sixteen + "', '${FORMER}']", {{"FORMER", former}})), ElementsAre(sixteen, former));
}

TEST(AffinitySecrets, AreDroppedWhenEmpty) {
  EXPECT_THAT(secrets(with("['" + sixteen + "', '${FORMER:-}']")), ElementsAre(sixteen));
  EXPECT_THAT(secrets(with("['${CURRENT:-}', '" + sixteen + "']")), ElementsAre(sixteen));
  EXPECT_THAT(secrets(with("['${CURRENT:-}']")), ElementsAre());
}

TEST(AffinitySecrets, HaveSixteenCharactersOrMore) {
  const std::string fifteen = sixteen.substr(1);
  const Loaded loaded = with("['" + sixteen + "', '" + fifteen + "']");
  EXPECT_THAT(
      test::lines(loaded.problems),
      ElementsAre("f.yaml:5:40: affinity_secrets[1]: is too short (at least 16 characters, such as from openssl "
                  "rand -hex 32)"));
  EXPECT_EQ(loaded.config, nullptr);
}

TEST(AffinitySecrets, AreNeverShown) {
  for (const std::string secret : {"too short", "tooshort", "a secret with blanks in it"}) {
    const test::Lines lines = test::lines(with("['${SECRET}']", {{"SECRET", secret}}).problems);
    ASSERT_EQ(lines.size(), 1U) << secret;
    EXPECT_THAT(lines[0], Not(HasSubstr(secret)));
  }
}

TEST(AffinitySecrets, AreOneToTen) {
  EXPECT_EQ(with("[]").problems.size(), 1U);
  std::string list;
  for (int i = 0; i < 11; ++i) list += (i == 0 ? "" : ", ") + ("'" + sixteen + "'");
  EXPECT_EQ(with("[" + list + "]").problems.size(), 1U);
}

}  // namespace
}  // namespace spillway::config
