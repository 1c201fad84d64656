#include "app/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <variant>

namespace spillway::app {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char responses[] = "/openai/v1/responses";

// Two backends in one pool, `ptu` before `west`, a route for `o3*` that is denied, and one for the rest below /openai.
config::Config two_backends() {
  config::Config config;
  config.clients.resize(1);
  config.clients[0].name = "app";
  config.backends.resize(2);
  config.backends[0].name = "west";
  config.backends[0].region = "West US";
  config.backends[1].name = "ptu";
  config.backends[1].deployments.emplace().emplace("gpt-4o", "gpt-4o-ptu");
  config.pools.resize(1);
  config.pools[0].name = "openai";
  config.pools[0].members.resize(2);
  config.pools[0].members[0] = {0, 2, 5};
  config.pools[0].members[1] = {1, 1, 1};
  config.routes.resize(2);
  config.routes[0].name = "gated";
  config.routes[0].match.models = {"o3*"};
  config.routes[0].deny = config::Deny{};
  config.routes[1].name = "chat";
  config.routes[1].match.path = "/openai";
  config.routes[1].pool = 0;
  return config;
}

// A gateway's state without the gateway.
struct State {
  std::shared_ptr<const config::Config> config;
  routing::Router router;
  pool::Fleet fleet;
  TimePoint start = TimePoint() + std::chrono::hours(1);

  explicit State(const config::Config& made)
      : config(std::make_shared<const config::Config>(made)), router(*config), fleet(config, nullptr, {}) {}

  Explanation ask(const std::string& path, const std::string& model, Milliseconds after = Milliseconds(0)) const {
    return explain(*config, router, fleet, {path, model, std::size_t{0}}, start + after);
  }
  std::string text(const Explanation& said) const { return explanation_text(*config, said); }

  // The next request for the model gets this answer.
  void answer(const std::string& model, int status) {
    pool::PickResult result = fleet.pool(0)->pick(pool::Wish(model), {}, start);
    std::get<pool::Picked>(result).lease.settle(pool::Verdict::answered(status), start);
  }
};

std::vector<std::string> order(const State& state, const Explanation& said) {
  std::vector<std::string> names;
  for (const pool::Explained& member : said.members)
    names.push_back(state.config->backends[state.config->pools[0].members[member.member].backend].name);
  return names;
}

TEST(Explanation, TakesTheModelOfThePathBeforeTheOneAskedFor) {
  const State state(two_backends());
  const Explanation said = state.ask("/openai/deployments/gpt%2D4o/chat/completions", "o3");
  EXPECT_EQ(said.model, "gpt-4o");
  EXPECT_TRUE(said.model_from_path);
  EXPECT_EQ(said.route, 1U);
  EXPECT_EQ(said.status, 0);
  EXPECT_FALSE(state.ask(responses, "gpt-4o").model_from_path);
}

TEST(Explanation, ListsMembersInTheOrderTheyWouldBeTried) {
  const State state(two_backends());
  const Explanation said = state.ask(responses, "gpt-4o");
  EXPECT_TRUE(said.served());
  EXPECT_EQ(said.strategy, "priority");
  EXPECT_THAT(order(state, said), testing::ElementsAre("ptu", "west"));
  EXPECT_THAT(order(state, state.ask(responses, "gpt-5")), testing::ElementsAre("west", "ptu"));
}

TEST(Explanation, SaysThatACircuitIsOpenAndForHowLong) {
  State state(two_backends());
  state.answer("gpt-4o", 429);
  const Explanation said = state.ask(responses, "gpt-4o", Milliseconds(4000));
  EXPECT_THAT(order(state, said), testing::ElementsAre("west", "ptu"));
  EXPECT_THAT(state.text(said), HasSubstr("not tried\n  -  ptu   priority 1  weight 1  as gpt-4o-ptu  circuit open "
                                          "through rule throttled, for another 6000 ms\n"));
  const json member = json::parse(explanation_json(*state.config, said))["members"][1];
  EXPECT_EQ(member["standing"], "open");
  EXPECT_EQ(member["order"], nullptr);
  EXPECT_EQ(member["circuit"], (json{{"state", "open"}, {"rule", "throttled"}, {"reopens_in_ms", 6000}}));
}

TEST(Explanation, AsksOnlyAndChangesNothing) {
  const State state(two_backends());
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(state.text(state.ask(responses, "gpt-4o")), state.text(state.ask(responses, "gpt-4o")));
  EXPECT_EQ(state.fleet.pool(0)->status(state.start).members[1].requests, 0U);
}

TEST(Explanation, SaysThatAMemberWouldBeTheProbe) {
  State state(two_backends());
  for (int i = 0; i < 3; ++i) state.answer("gpt-4o", 500);
  EXPECT_THAT(state.text(state.ask(responses, "gpt-4o")), HasSubstr("circuit open through rule failing"));
  const Explanation said = state.ask(responses, "gpt-4o", Milliseconds(60'000));
  EXPECT_THAT(order(state, said), testing::ElementsAre("ptu", "west"));
  EXPECT_THAT(state.text(said), HasSubstr("as gpt-4o-ptu  as the probe of a half-open circuit\n"));
}

TEST(Explanation, IsARefusalWhenNoMemberIsLeft) {
  config::Config config = two_backends();
  config.pools[0].members.pop_back();
  State state(config);
  state.answer("gpt-4o", 429);
  const Explanation said = state.ask(responses, "gpt-4o");
  EXPECT_FALSE(said.served());
  EXPECT_EQ(said.status, 503);
  EXPECT_EQ(said.code, "no_backend_available");
  EXPECT_THAT(state.text(said), HasSubstr("answer  503 no_backend_available\n"));
}

TEST(Explanation, NamesTheAnswerThatRefuses) {
  config::Config config = two_backends();
  config.backends[0].deployments.emplace().emplace("gpt-4o", "gpt-4o");
  const State state(config);
  const Explanation denied = state.ask(responses, "o3-mini");
  EXPECT_EQ(denied.route, 0U);
  EXPECT_EQ(denied.status, 403);
  EXPECT_EQ(denied.code, "denied");
  EXPECT_EQ(denied.pool, std::nullopt);
  const Explanation nowhere = state.ask("/elsewhere", "gpt-4o");
  EXPECT_EQ(nowhere.route, std::nullopt);
  EXPECT_EQ(nowhere.code, "model_not_found");
  const Explanation not_served = state.ask(responses, "gpt-5");
  EXPECT_EQ(not_served.status, 400);
  EXPECT_EQ(not_served.code, "model_not_found");
  EXPECT_THAT(state.text(not_served), HasSubstr("does not serve the model\n"));
}

TEST(Explanation, IsReadByProgramsAsJson) {
  const State state(two_backends());
  const json said = json::parse(explanation_json(*state.config, state.ask(responses, "gpt-4o")));
  EXPECT_EQ(said["path"], responses);
  EXPECT_EQ(said["model"], "gpt-4o");
  EXPECT_EQ(said["client"], "app");
  EXPECT_EQ(said["route"], "chat");
  EXPECT_EQ(said["pool"], "openai");
  EXPECT_EQ(said["refusal"], nullptr);
  EXPECT_EQ(said["members"][0]["deployment"], "gpt-4o-ptu");
  EXPECT_EQ(said["members"][0]["order"], 1);
  EXPECT_EQ(said["members"][1]["backend"], "west");
  EXPECT_EQ(said["members"][1]["region"], "West US");
  EXPECT_EQ(said["members"][1]["order"], 2);
  const json refused = json::parse(explanation_json(*state.config, state.ask(responses, "o3")));
  EXPECT_EQ(refused["pool"], nullptr);
  EXPECT_EQ(refused["members"], json::array());
  EXPECT_EQ(refused["refusal"], (json{{"status", 403}, {"code", "denied"}}));
}

}  // namespace
}  // namespace spillway::app
