#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;

Loaded with(const std::string& yaml, const test::Map& variables = {}) {
  return test::load(test::listeners + test::backends + test::pools + yaml, variables);
}

Lines wrong(const std::string& yaml, const test::Map& variables = {}) {
  return test::lines(with(yaml, variables).problems);
}

TEST(Clients, KeepTheirKeysAndDropEmptyOnes) {
  const Loaded loaded = with("clients: [{name: app, keys: ['${A}', '${B:-}', third]}]\n", {{"A", "first"}});
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  const Client& client = loaded.config->clients.at(0);
  EXPECT_EQ(client.name, "app");
  ASSERT_EQ(client.keys.size(), 2U);
  EXPECT_EQ(client.keys[0].digest, key_digest("first"));
  EXPECT_EQ(client.keys[1].digest, key_digest("third"));
  EXPECT_EQ(client.routes, std::nullopt);
}

TEST(Clients, NeedAKeyThatIsNotEmpty) {
  EXPECT_THAT(wrong("clients: [{name: app, keys: ['${A:-}', '']}]\n"),
              ElementsAre("f.yaml:4:29: clients[0].keys: every key is empty (at least one must not be)"));
  EXPECT_THAT(wrong("clients: [{name: app, keys: []}]\n"),
              ElementsAre("f.yaml:4:29: clients[0].keys: 0 items (expected: list of keys, 1 to 100)"));
  EXPECT_THAT(wrong("clients: [{name: app}]\n"),
              ElementsAre("f.yaml:4:11: clients[0]: cannot show who it is (give keys, entra or certificate)"));
  EXPECT_THAT(wrong("clients: []\n"),
              ElementsAre("f.yaml:4:10: clients: 0 items (expected: list of clients, 1 to 10000)"));
}

TEST(Clients, HaveKeysThatCanBeSent) {
  EXPECT_THAT(
      wrong("clients: [{name: app, keys: ['${A}']}]\n", {{"A", "key\n"}}),
      ElementsAre(
          "f.yaml:4:30: clients[0].keys[0]: holds a character that cannot be part of a key (printable ASCII without "
          "spaces; a line end slipped in?)"));
}

TEST(Clients, DoNotShareAKey) {
  EXPECT_THAT(
      wrong("clients:\n- {name: a, keys: [one, same]}\n- {name: b, keys: ['${S}']}\n", {{"S", "same"}}),
      ElementsAre("f.yaml:6:20: clients[1].keys[0]: the same key as clients[0].keys[1] (a key belongs to one client)"));
  EXPECT_THAT(wrong("clients: [{name: a, keys: [same, same]}]\n"), ElementsAre());
}

TEST(Clients, HaveUniqueUsableNames) {
  EXPECT_THAT(wrong("clients:\n- {name: a, keys: [one]}\n- {name: a, keys: [two]}\n"),
              ElementsAre("f.yaml:6:10: clients[1].name: the name is taken by clients[0].name (line 5)"));
  for (const char* name : {"'a;b'", "'a,b'", "'a\"b'", "\"a'b\"", "' a'", "'a '", "\"a\\nb\"", "'ä'", "'a\\b'", "''"}) {
    EXPECT_THAT(
        wrong("clients: [{name: " + std::string(name) + ", keys: [one]}]\n"),
        ElementsAre(testing::HasSubstr("(1 to 128 printable ASCII characters, no quotes, \\, comma or semicolon)")))
        << name;
  }
  EXPECT_THAT(wrong("clients: [{name: " + std::string(128, 'x') + ", keys: [one]}]\n"), ElementsAre());
  EXPECT_THAT(wrong("clients: [{name: " + std::string(129, 'x') + ", keys: [one]}]\n"), testing::SizeIs(1));
  EXPECT_THAT(wrong("clients: [{name: My app (1/2), keys: [one]}]\n"), ElementsAre());
}

TEST(Clients, AreAskedForUnlessAnonymousCallersAreAllowed) {
  const std::string message = "nobody may call (list clients, or say allow_anonymous: true to serve everyone)";
  EXPECT_THAT(wrong(""), ElementsAre("f.yaml:1:1: clients: " + message));
  EXPECT_THAT(wrong("allow_anonymous: false\n"), ElementsAre("f.yaml:4:18: allow_anonymous: " + message));
  EXPECT_THAT(wrong("allow_anonymous: true\n"), ElementsAre());
}

TEST(Clients, MakeAllowAnonymousPointless) {
  const Loaded loaded = with("allow_anonymous: true\nclients: [{name: a, keys: [one]}]\n");
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  EXPECT_THAT(
      test::lines(loaded.warnings),
      ElementsAre(
          "f.yaml:4:18: allow_anonymous: has no effect beside clients: a key is asked for (remove one of them)"));
}

TEST(Clients, ReferToRoutesByName) {
  const std::string routes = "routes: [{name: x, match: {path: /x}, pool: main}, {name: y, pool: main}]\n";
  const Loaded loaded = with(routes + "clients: [{name: a, keys: [one], routes: [y, x]}]\n");
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(loaded.config->clients.at(0).routes, testing::Optional(ElementsAre(1U, 0U)));
  EXPECT_THAT(wrong(routes + "clients: [{name: a, keys: [one], routes: [z]}]\n"),
              ElementsAre("f.yaml:5:43: clients[0].routes[0]: \"z\" is not the name of a route (one of x, y)"));
}

TEST(Clients, MayReferToTheImplicitRoute) {
  const Loaded loaded = with("clients: [{name: a, keys: [one], routes: [default]}]\n");
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(loaded.config->clients.at(0).routes, testing::Optional(ElementsAre(0U)));
}

}  // namespace
}  // namespace spillway::config
