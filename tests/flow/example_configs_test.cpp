#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "fake_backend.hpp"
#include "test_gateway.hpp"

// Each example configuration, as it is shipped, reproduces the scenario it is there for. Only addresses are replaced,
// and the pauses that a test should not wait for.
namespace spillway::test {
namespace {

void replace(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), with);
}

std::string example(const std::string& name, const std::string& listener = "0.0.0.0:8080") {
  std::ifstream file(SPILLWAY_SOURCE_DIR "/config/" + name);
  std::stringstream contents;
  contents << file.rdbuf();
  std::string text = contents.str();
  replace(text, "address: " + listener, "address: 127.0.0.1:0");
  replace(text, "address: 127.0.0.1:9901", "address: 127.0.0.1:0");
  return text + "\nlog: {level: error, access: false}\nworkers: 2\n";
}

TestGateway::Options with(const std::string& text, std::map<std::string, std::string> environment) {
  TestGateway::Options options;
  options.server = text;
  options.environment = std::move(environment);
  options.environment["SPILLWAY_KEY"] = "test-key";
  return options;
}

// Backends for `${URL_1}`, `${KEY_1}` and so on.
std::map<std::string, std::string> numbered(const std::vector<const FakeBackend*>& backends) {
  std::map<std::string, std::string> environment;
  for (std::size_t i = 0; i < backends.size(); ++i) {
    environment["URL_" + std::to_string(i + 1)] = backends[i]->url();
    environment["KEY_" + std::to_string(i + 1)] = "backend-key";
  }
  return environment;
}

std::map<std::string, int> distribution(const TestGateway& gateway, int calls) {
  std::map<std::string, int> counted;
  RawClient client = gateway.client();
  for (int i = 0; i < calls; ++i) ++counted[client.call(chat_request()).header("x-routed-backend").value_or("none")];
  return counted;
}

TEST(ExampleConfigs, TheStartingPointServesOneResource) {
  const FakeBackend azure;
  const TestGateway gateway("", with(example("spillway.yaml", "127.0.0.1:8080"),
                                     {{"AZURE_OPENAI_URL", azure.url()}, {"AZURE_OPENAI_KEY", "its-key"}}));
  EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(azure.requests().at(0).header("api-key"), "its-key");
}

TEST(ExampleConfigs, RoundRobinGivesEveryResourceTheSame) {
  const FakeBackend eastus;
  const FakeBackend westus;
  const FakeBackend sweden;
  const TestGateway gateway("", with(example("round-robin.yaml"), numbered({&eastus, &westus, &sweden})));
  const std::map<std::string, int> even = {{"eastus", 20}, {"swedencentral", 20}, {"westus", 20}};
  EXPECT_EQ(distribution(gateway, 60), even);
}

TEST(ExampleConfigs, WeightedSharesAre67And33) {
  const FakeBackend eastus;
  const FakeBackend westus;
  const TestGateway gateway("", with(example("weighted.yaml"), numbered({&eastus, &westus})));
  const std::map<std::string, int> shares = {{"eastus", 67}, {"westus", 33}};
  EXPECT_EQ(distribution(gateway, 100), shares);
}

TEST(ExampleConfigs, PriorityGoesDownTheListAndNoFurtherThanNeeded) {
  FakeBackend eastus;
  FakeBackend westus;
  const FakeBackend sweden;
  const TestGateway gateway("", with(example("priority.yaml"), numbered({&eastus, &westus, &sweden})));
  EXPECT_EQ(gateway.chat().header("x-routed-backend"), "eastus");
  eastus.always_reply(429, retry_after_ms(60'000));
  EXPECT_EQ(gateway.chat().header("x-routed-backend"), "westus");
  westus.always_reply(429, retry_after_ms(60'000));
  EXPECT_EQ(gateway.chat().header("x-routed-backend"), "swedencentral");
  EXPECT_EQ(gateway.chat().header("x-routing-strategy"), "priority");
}

TEST(ExampleConfigs, ProvisionedCapacitySpillsOverEvenlyAndIsUsedAgain) {
  FakeBackend ptu;
  const FakeBackend first;
  const FakeBackend second;
  const TestGateway gateway("", with(example("ptu-spillover.yaml"), {{"PTU_URL", ptu.url()},
                                                                     {"PTU_KEY", "k"},
                                                                     {"PAYGO_1_URL", first.url()},
                                                                     {"PAYGO_1_KEY", "k"},
                                                                     {"PAYGO_2_URL", second.url()},
                                                                     {"PAYGO_2_KEY", "k"}}));
  EXPECT_EQ(gateway.chat().header("x-routed-backend"), "eastus-ptu");
  ptu.then_reply(429, retry_after_ms(2'000));
  const Message spilled = gateway.chat();
  EXPECT_EQ(spilled.status(), 200);
  EXPECT_EQ(spilled.header("x-attempts").value_or("").substr(0, 16), "eastus-ptu;429, ");
  std::map<std::string, int> counted;
  for (int i = 0; i < 4; ++i) ++counted[gateway.chat().header("x-routed-backend").value_or("none")];
  const std::map<std::string, int> halves = {{"swedencentral", 2}, {"westus", 2}};
  EXPECT_EQ(counted, halves);
  EXPECT_TRUE(eventually([&] { return gateway.chat().header("x-routed-backend") == "eastus-ptu"; }));
}

TEST(ExampleConfigs, AnyErrorIsTriedUpToThreeMoreTimes) {
  FakeBackend eastus;
  FakeBackend westus;
  FakeBackend sweden;
  FakeBackend france;
  for (FakeBackend* backend : {&eastus, &westus, &sweden}) backend->always_reply(404, {}, "{\"error\":{}}");
  std::string text = example("retry-any-error.yaml");
  replace(text, "interval: 5s", "interval: 20ms");
  const TestGateway gateway("", with(text, numbered({&eastus, &westus, &sweden, &france})));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("x-routed-backend"), "francecentral");
  for (FakeBackend* backend : {&eastus, &westus, &sweden, &france})
    backend->always_reply(400, {}, "{\"error\":{\"message\":\"its own\"}}");
  const Message failed = gateway.chat();
  EXPECT_EQ(failed.status(), 400);
  EXPECT_EQ(failed.body, "{\"error\":{\"message\":\"its own\"}}") << "the backend's own error is shown";
  for (const FakeBackend* backend : {&eastus, &westus, &sweden, &france}) EXPECT_EQ(backend->request_count(), 2U);
}

}  // namespace
}  // namespace spillway::test
