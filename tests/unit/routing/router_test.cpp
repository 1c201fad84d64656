#include "spillway/routing/router.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace spillway::routing {
namespace {

using Refusal = Router::Refusal;

// Clients 0 and 1.
config::Config two_clients() {
  config::Config config;
  config.clients.resize(2);
  config.clients[0].name = "chat";
  config.clients[1].name = "batch";
  return config;
}

config::Route route(std::string path, std::vector<std::string> models = {}, std::vector<std::size_t> clients = {}) {
  config::Route made;
  made.match = {std::move(path), std::move(models), std::move(clients)};
  made.pool = 0;
  return made;
}

std::string decided(const config::Config& config, std::string_view path, std::optional<std::size_t> client,
                    std::optional<std::string_view> model) {
  const Router::Decision decision = Router(config).route(path, client, model);
  if (decision.route) return std::to_string(*decision.route);
  switch (decision.refusal) {
    case Refusal::route_not_found: return "route_not_found";
    case Refusal::route_not_allowed: return "route_not_allowed";
    case Refusal::model_required: return "model_required";
    case Refusal::model_not_found: return "model_not_found";
  }
  return "";
}

TEST(Router, TakesTheFirstRouteThatMatches) {
  config::Config config = two_clients();
  config.routes = {route("/openai", {"o3*"}), route("/openai"), route("")};
  EXPECT_EQ(decided(config, "/openai/v1/responses", 0, "o3-mini"), "0");
  EXPECT_EQ(decided(config, "/openai/v1/responses", 0, "gpt-4o"), "1");
  EXPECT_EQ(decided(config, "/elsewhere", 0, "o3"), "2");
}

TEST(Router, EndsPathsAtASegment) {
  config::Config config = two_clients();
  config.routes = {route("/openai")};
  EXPECT_EQ(decided(config, "/openai", {}, {}), "0");
  EXPECT_EQ(decided(config, "/openai/", {}, {}), "0");
  EXPECT_EQ(decided(config, "/openai/x", {}, {}), "0");
  EXPECT_EQ(decided(config, "/openaix", {}, {}), "route_not_found");
  EXPECT_EQ(decided(config, "/", {}, {}), "route_not_found");
  EXPECT_EQ(decided(config, "/OpenAI", {}, {}), "route_not_found");
}

TEST(Router, IgnoresATrailingSlashOfTheRoutesPath) {
  config::Config config = two_clients();
  config.routes = {route("/openai/")};
  EXPECT_EQ(decided(config, "/openai", {}, {}), "0");
  EXPECT_EQ(decided(config, "/openaix", {}, {}), "route_not_found");
}

TEST(Router, LetsAnyOfTheGlobsMatchTheModel) {
  config::Config config = two_clients();
  config.routes = {route("", {"gpt-4o*", "org/*/final", "exact"})};
  EXPECT_EQ(decided(config, "/x", {}, "gpt-4o"), "0");
  EXPECT_EQ(decided(config, "/x", {}, "gpt-4o-mini"), "0");
  EXPECT_EQ(decided(config, "/x", {}, "org/a/b/final"), "0");
  EXPECT_EQ(decided(config, "/x", {}, "exact"), "0");
  EXPECT_EQ(decided(config, "/x", {}, "exactly"), "model_not_found");
  EXPECT_EQ(decided(config, "/x", {}, "GPT-4o"), "model_not_found");
}

TEST(Router, SkipsRoutesWithModelsWhenThereIsNone) {
  config::Config config = two_clients();
  config.routes = {route("", {"*"}), route("/files")};
  EXPECT_EQ(decided(config, "/files/1", {}, {}), "1");
  EXPECT_EQ(decided(config, "/files/1", {}, ""), "1");
  EXPECT_EQ(decided(config, "/files/1", {}, "m"), "0");
  EXPECT_EQ(decided(config, "/chat", {}, {}), "model_required");
  EXPECT_EQ(decided(config, "/chat", {}, ""), "model_required");
}

TEST(Router, PassesOverRoutesForOtherClients) {
  config::Config config = two_clients();
  config.routes = {route("/openai", {}, {0}), route("/openai", {}, {1})};
  EXPECT_EQ(decided(config, "/openai", 0, {}), "0");
  EXPECT_EQ(decided(config, "/openai", 1, {}), "1");
  EXPECT_EQ(decided(config, "/openai", {}, {}), "route_not_allowed") << "an anonymous caller is no client of any route";
}

TEST(Router, RefusesAClientTheDecidingRouteIsNotFor) {
  config::Config config = two_clients();
  config.routes = {route("/a"), route("/b"), route("")};
  config.clients[0].routes = std::vector<std::size_t>{1};
  EXPECT_EQ(decided(config, "/b", 0, {}), "1");
  EXPECT_EQ(decided(config, "/a", 0, {}), "route_not_allowed");
  EXPECT_EQ(decided(config, "/c", 0, {}), "route_not_allowed");
  EXPECT_EQ(decided(config, "/a", 1, {}), "0");
}

TEST(Router, DoesNotLookForALaterRouteTheClientMayUse) {
  config::Config config = two_clients();
  config.routes = {route("/a"), route("/a")};
  config.clients[0].routes = std::vector<std::size_t>{1};
  EXPECT_EQ(decided(config, "/a", 0, {}), "route_not_allowed");
}

TEST(Router, AllowsNothingToAClientWithAnEmptyList) {
  config::Config config = two_clients();
  config.routes = {route("")};
  config.clients[0].routes.emplace();
  EXPECT_EQ(decided(config, "/a", 0, {}), "route_not_allowed");
}

TEST(Router, ReturnsADenyRouteLikeAnyOther) {
  config::Config config = two_clients();
  config.routes = {route("", {"o3*"}), route("")};
  config.routes[0].pool.reset();
  config.routes[0].deny = config::Deny{403, "no"};
  EXPECT_EQ(decided(config, "/x", 0, "o3"), "0");
}

TEST(Router, ChoosesTheRefusalByWhatCameNearest) {
  config::Config config = two_clients();
  config.routes = {route("/a", {"x"}, {0}), route("/a", {"y"}), route("/b", {}, {0})};
  struct Case {
    const char* path;
    std::optional<std::size_t> client;
    std::optional<std::string_view> model;
    const char* expected;
  };
  for (const Case& given : {
           Case{"/c", 1, "x", "route_not_found"},
           Case{"/c", 1, std::nullopt, "route_not_found"},
           Case{"/a", 1, "x", "route_not_allowed"},
           Case{"/a", 1, "z", "model_not_found"},
           Case{"/a", 1, std::nullopt, "model_required"},
           Case{"/a", 0, std::nullopt, "model_required"},
           Case{"/b", 1, std::nullopt, "route_not_allowed"},
           Case{"/b", 1, "x", "route_not_allowed"},
       })
    EXPECT_EQ(decided(config, given.path, given.client, given.model), given.expected) << given.path;
}

TEST(Router, NeedsTheModelWhenTheFirstPossibleRouteDoes) {
  config::Config config = two_clients();
  config.routes = {route("/a", {"x"}),      route("/a"), route("/b"), route("/b", {"x"}),
                   route("/c", {"x"}, {0}), route("/c")};
  const Router router(config);
  EXPECT_TRUE(router.needs_model("/a", 0));
  EXPECT_FALSE(router.needs_model("/b", 0));
  EXPECT_TRUE(router.needs_model("/c", 0));
  EXPECT_FALSE(router.needs_model("/c", 1));
  EXPECT_FALSE(router.needs_model("/c", std::nullopt));
  EXPECT_FALSE(router.needs_model("/d", 0));
}

// Where a request goes whose object lives in one of these pools.
std::string found(const config::Config& config, std::string_view path, std::optional<std::size_t> client,
                  const std::vector<std::size_t>& pools) {
  const auto wanted = [&](std::size_t pool) { return std::find(pools.begin(), pools.end(), pool) != pools.end(); };
  const std::optional<std::size_t> number = Router(config).route_to(path, client, wanted);
  return number ? std::to_string(*number) : "none";
}

config::Route to_pool(config::Route made, std::size_t pool) {
  made.pool = pool;
  return made;
}

TEST(RouteTo, TakesTheFirstRouteThatLeadsToAWantedPool) {
  config::Config config = two_clients();
  config.routes = {to_pool(route(""), 0), to_pool(route(""), 1), to_pool(route(""), 2), to_pool(route(""), 1)};
  EXPECT_EQ(found(config, "/openai/v1/responses", 0, {1}), "1");
  EXPECT_EQ(found(config, "/openai/v1/responses", {}, {2, 1}), "1");
  EXPECT_EQ(found(config, "/openai/v1/responses", 0, {0}), "0");
  EXPECT_EQ(found(config, "/openai/v1/responses", 0, {3}), "none");
}

TEST(RouteTo, DoesNotAskForAModel) {
  config::Config config = two_clients();
  config.routes = {to_pool(route("", {"gpt-*"}), 0), to_pool(route("", {"o*"}), 1)};
  EXPECT_EQ(found(config, "/openai/v1/responses", 0, {1}), "1");
}

TEST(RouteTo, KeepsToThePath) {
  config::Config config = two_clients();
  config.routes = {to_pool(route("/openai"), 0), to_pool(route("/b"), 1), to_pool(route("/openai/v1"), 1)};
  EXPECT_EQ(found(config, "/openai/v1/files", 0, {1}), "2");
  EXPECT_EQ(found(config, "/openai/files", 0, {1}), "none");
}

TEST(RouteTo, KeepsToTheClient) {
  config::Config config = two_clients();
  config.routes = {to_pool(route("", {}, {1}), 0), to_pool(route(""), 0)};
  EXPECT_EQ(found(config, "/openai", 0, {0}), "1");
  EXPECT_EQ(found(config, "/openai", 1, {0}), "0");
  EXPECT_EQ(found(config, "/openai", {}, {0}), "1");
  config.clients[1].routes = {1};
  EXPECT_EQ(found(config, "/openai", 1, {0}), "1");
  config.clients[1].routes = {0};
  EXPECT_EQ(found(config, "/openai", 1, {0}), "0");
  config.clients[1].routes = std::vector<std::size_t>();
  EXPECT_EQ(found(config, "/openai", 1, {0}), "none");
}

TEST(RouteTo, PassesOverRoutesThatLeadToNoPool) {
  config::Config config = two_clients();
  config::Route denied = route("");
  denied.pool.reset();
  denied.deny = config::Deny{};
  config.routes = {denied, to_pool(route(""), 1)};
  EXPECT_EQ(found(config, "/openai", 0, {0, 1}), "1");
  config.routes.pop_back();
  EXPECT_EQ(found(config, "/openai", 0, {0, 1}), "none");
}

}  // namespace
}  // namespace spillway::routing
