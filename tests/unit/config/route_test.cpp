#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;

Loaded with(const std::string& route) {
  return test::load(test::minimal + "routes:\n- " + route + "\n");
}

Lines wrong(const std::string& route) {
  return test::lines(with(route).problems);
}

Route route(const std::string& yaml) {
  const Loaded loaded = with(yaml);
  EXPECT_EQ(test::lines(loaded.problems), Lines{}) << yaml;
  return loaded.config ? loaded.config->routes.at(0) : Route{};
}

TEST(Routes, DefaultToOneThatTakesEverything) {
  const Loaded loaded = test::load(test::minimal);
  ASSERT_NE(loaded.config, nullptr);
  ASSERT_EQ(loaded.config->routes.size(), 1U);
  const Route& only = loaded.config->routes[0];
  EXPECT_EQ(only.name, "default");
  EXPECT_EQ(only.match.path, "");
  EXPECT_THAT(only.match.models, testing::IsEmpty());
  EXPECT_THAT(only.match.clients, testing::IsEmpty());
  EXPECT_EQ(only.pool, 0U);
  EXPECT_FALSE(only.deny.has_value());
}

TEST(Routes, AreNeededWithMoreThanOnePool) {
  EXPECT_THAT(test::problems(test::listeners + test::anonymous + test::backends +
                             "pools: [{name: a, members: [{backend: one}]}, {name: b, members: [{backend: two}]}]\n"),
              ElementsAre("f.yaml:1:1: routes: missing (needed with more than one pool)"));
}

TEST(Routes, TakeEveryKey) {
  const Loaded loaded = test::load(test::listeners + test::backends + test::pools +
                                   "clients: [{name: app, keys: [k]}, {name: two, keys: [l]}]\n"
                                   "routes:\n"
                                   "- {name: a, match: {path: /routing/, models: ['gpt-4o*', o3], clients: [two]}, "
                                   "rewrite_path: /openai, pool: main}\n"
                                   "- {name: b, deny: {status: 451, message: No.}}\n");
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  const Route& a = loaded.config->routes.at(0);
  EXPECT_EQ(a.match.path, "/routing");
  EXPECT_THAT(a.match.models, ElementsAre("gpt-4o*", "o3"));
  EXPECT_THAT(a.match.clients, ElementsAre(1U));
  EXPECT_EQ(a.rewrite_path, "/openai");
  EXPECT_EQ(a.pool, 0U);
  const Route& b = loaded.config->routes.at(1);
  EXPECT_EQ(b.pool, std::nullopt);
  ASSERT_TRUE(b.deny.has_value());
  EXPECT_EQ(b.deny->status, 451);
  EXPECT_EQ(b.deny->message, "No.");
}

TEST(Routes, DenyWith403UnlessToldOtherwise) {
  const Route denied = route("{name: a, deny: {}}");
  ASSERT_TRUE(denied.deny.has_value());
  EXPECT_EQ(denied.deny->status, 403);
  EXPECT_EQ(denied.deny->message, "This request is not allowed.");
  EXPECT_THAT(wrong("{name: a, deny: {status: 399, message: ''}}"),
              ElementsAre("f.yaml:6:28: routes[0].deny.status: \"399\" is out of range (400 to 599)",
                          "f.yaml:6:42: routes[0].deny.message: \"\" is empty (1 to 4096 bytes)"));
}

TEST(Routes, HaveAPoolOrADenial) {
  EXPECT_THAT(wrong("{name: a, pool: main, deny: {}}"),
              ElementsAre("f.yaml:6:25: routes[0].deny: pool and deny exclude each other (give exactly one)"));
  EXPECT_THAT(wrong("{name: a}"), ElementsAre("f.yaml:6:3: routes[0]: neither pool nor deny (give exactly one)"));
  EXPECT_THAT(wrong("{pool: mian}"),
              ElementsAre("f.yaml:6:3: routes[0].name: missing (name)",
                          "f.yaml:6:10: routes[0].pool: \"mian\" is not the name of a pool (one of main)"));
}

TEST(Routes, CheckTheirPaths) {
  EXPECT_EQ(route("{name: a, match: {path: /}, pool: main}").match.path, "");
  EXPECT_EQ(route("{name: a, match: {path: /a/b%20c}, pool: main}").match.path, "/a/b%20c");
  for (const char* path : {"openai", "''", "'/a?b'", "'/a#b'", "//", "/a//b", "/a/../b", "/.", "'/a b'", "/ä"}) {
    EXPECT_THAT(
        wrong("{name: a, match: {path: " + std::string(path) + "}, pool: main}"),
        ElementsAre(testing::HasSubstr("(/ followed by visible ASCII characters; no ?, #, //, . or .. segment)")))
        << path;
  }
}

TEST(Routes, RewriteOnlyWhatTheyMatched) {
  EXPECT_EQ(route("{name: a, match: {path: /x}, rewrite_path: /, pool: main}").rewrite_path, "");
  EXPECT_EQ(route("{name: a, match: {path: /}, rewrite_path: /openai/, pool: main}").rewrite_path, "/openai");
  EXPECT_THAT(wrong("{name: a, match: {models: [x]}, rewrite_path: /openai, pool: main}"),
              ElementsAre("f.yaml:6:35: routes[0].rewrite_path: needs match.path (it replaces the matched prefix)"));
  EXPECT_THAT(wrong("{name: a, match: {path: /x}, rewrite_path: /openai, deny: {}}"),
              ElementsAre("f.yaml:6:32: routes[0].rewrite_path: has no meaning beside deny"));
}

TEST(Routes, ReferToClientsByName) {
  EXPECT_THAT(
      wrong("{name: a, match: {clients: [app]}, pool: main}"),
      ElementsAre("f.yaml:6:31: routes[0].match.clients[0]: \"app\" is not the name of a client (there is no client)"));
}

TEST(Routes, HaveUniqueNames) {
  EXPECT_THAT(wrong("{name: a, match: {path: /x}, pool: main}\n- {name: a, pool: main}"),
              ElementsAre("f.yaml:7:10: routes[1].name: the name is taken by routes[0].name (line 6)"));
}

TEST(Routes, ThatAreNeverReachedAreWorthAWarning) {
  EXPECT_THAT(test::lines(with("{name: a, pool: main}\n- {name: b, match: {path: /x}, pool: main}").warnings),
              ElementsAre("f.yaml:7:3: routes[1]: is never reached (an earlier route takes everything)"));
}

TEST(Routes, ThatLeaveAPoolOutAreWorthAWarning) {
  const Loaded loaded =
      test::load(test::listeners + test::anonymous + test::backends +
                 "pools:\n- {name: a, members: [{backend: one}]}\n- {name: b, members: [{backend: two}]}\n"
                 "routes: [{name: r, pool: a}]\n");
  EXPECT_THAT(test::lines(loaded.warnings), ElementsAre("f.yaml:6:3: pools[1]: is used by no route"));
}

}  // namespace
}  // namespace spillway::config
