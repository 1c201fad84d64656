#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "fake_tenant.hpp"
#include "object_backend.hpp"
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

Message post(const TestGateway& gateway, const std::string& path, const std::string& body,
             const std::string& key = "test-key", const Headers& more = {}) {
  Headers headers = {{"api-key", key}, {"Content-Type", "application/json"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return gateway.call(request("POST", path, headers, body));
}

TEST(ExampleConfigs, ModelsGoWhereTheirRoutesSay) {
  const FakeBackend ptu;
  const FakeBackend paygo;
  const FakeBackend embeddings;
  const TestGateway gateway("", with(example("models.yaml"), {{"PTU_URL", ptu.url()},
                                                              {"PTU_KEY", "k"},
                                                              {"PAYGO_URL", paygo.url()},
                                                              {"PAYGO_KEY", "k"},
                                                              {"EMBED_URL", embeddings.url()},
                                                              {"EMBED_KEY", "k"},
                                                              {"RESEARCH_KEY", "research-key"}}));
  EXPECT_EQ(gateway.chat("gpt-4o").header("x-routed-backend"), "eastus-ptu");
  EXPECT_EQ(ptu.last_request().target(), "/openai/deployments/gpt-4o-ptu/chat/completions?api-version=2024-10-21");
  EXPECT_EQ(gateway.chat("gpt-4o-audio").header("x-routed-backend"), "westus") << "not served by the PTU";
  EXPECT_EQ(post(gateway, "/openai/v1/embeddings", "{\"model\":\"text-embedding-3-small\"}").header("x-routed-backend"),
            "embeddings");
  const Message allowed = post(gateway, "/openai/v1/responses", "{\"model\":\"o3\"}", "research-key");
  EXPECT_EQ(allowed.header("x-routed-backend"), "westus");
  EXPECT_EQ(paygo.last_request().body, "{\"model\":\"o3-2025\"}");
  const Message gated = post(gateway, "/openai/v1/responses", "{\"model\":\"o3\"}");
  EXPECT_TRUE(is_gateway_error(gated, 403, "denied"));
  EXPECT_NE(gated.body.find("o3 is for the research team."), std::string::npos);
  EXPECT_TRUE(is_gateway_error(gateway.chat("llama"), 400, "model_not_found"));
}

TEST(ExampleConfigs, OneUrlServesEveryResourceUnderItsOwnDeploymentName) {
  FakeBackend a;
  FakeBackend b;
  const TestGateway gateway("", with(example("one-url.yaml"), numbered({&a, &b})));
  for (int i = 0; i < 4; ++i) {
    const Message answer = post(gateway, "/routing/responses", "{\"model\":\"placeholder\",\"input\":\"Hi\"}");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.header("x-routing-strategy"), "round_robin");
    EXPECT_EQ(answer.header("x-circuit-state"), "closed");
  }
  EXPECT_EQ(a.request_count(), 2U);
  EXPECT_EQ(b.request_count(), 2U);
  EXPECT_EQ(a.last_request().target(), "/openai/responses?api-version=2025-04-01-preview");
  EXPECT_EQ(a.last_request().body, "{\"model\":\"gpt-4o-east\",\"input\":\"Hi\"}");
  EXPECT_EQ(b.last_request().body, "{\"model\":\"gpt-4o-sweden\",\"input\":\"Hi\"}");
  b.then_reply(429, retry_after_ms(60'000));
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(post(gateway, "/routing/responses", "{\"model\":\"x\"}").header("x-routed-backend"), "backend-a");
}

TEST(ExampleConfigs, OpenAiStepsInForAzure) {
  FakeBackend azure;
  const FakeBackend openai;
  const TestGateway gateway("", with(example("openai-fallback.yaml"), {{"AZURE_URL", azure.url()},
                                                                       {"AZURE_KEY", "azure-key"},
                                                                       {"OPENAI_URL", openai.url()},
                                                                       {"OPENAI_KEY", "openai-key"}}));
  EXPECT_EQ(post(gateway, "/v1/chat/completions", "{\"model\":\"gpt-4o\"}").header("x-routed-backend"), "azure");
  EXPECT_EQ(azure.last_request().target(), "/openai/v1/chat/completions");
  EXPECT_EQ(azure.last_request().body, "{\"model\":\"team-gpt-4o\"}");
  azure.then_reply(503, retry_after_ms(60'000));
  EXPECT_EQ(gateway.chat("gpt-4o").header("x-routed-backend"), "openai");
  EXPECT_EQ(openai.last_request().target(), "/v1/chat/completions");
  EXPECT_EQ(openai.last_request().header("authorization"), "Bearer openai-key");
}

TEST(ExampleConfigs, SessionsAndObjectsStayWhereTheyAre) {
  ObjectBackend a('a');
  ObjectBackend b('b');
  std::map<std::string, std::string> environment = numbered({&a.fake(), &b.fake()});
  environment["AFFINITY_SECRET"] = std::string(32, 's');
  const TestGateway gateway("", with(example("sessions.yaml"), environment));
  for (int i = 0; i < 4; ++i) {
    const Message made = post(gateway, "/openai/v1/responses", "{\"model\":\"gpt-4o\"}");
    const std::string id = json_of(made)["id"];
    const Message next =
        post(gateway, "/openai/v1/responses", "{\"model\":\"gpt-4o\",\"previous_response_id\":\"" + id + "\"}");
    EXPECT_EQ(next.header("x-routed-backend"), made.header("x-routed-backend"));
    const std::string set = made.header("set-cookie").value_or("");
    const Message by_cookie = post(gateway, "/openai/v1/responses", "{\"model\":\"gpt-4o\"}", "test-key",
                                   {{"Cookie", set.substr(0, set.find(';'))}});
    EXPECT_EQ(by_cookie.header("x-routed-backend"), made.header("x-routed-backend"));
  }
}

TEST(ExampleConfigs, LeastLatencyServesEveryRegionWhenAllAreAlike) {
  const FakeBackend eastus;
  const FakeBackend westus;
  const FakeBackend sweden;
  const TestGateway gateway("", with(example("least-latency.yaml"), numbered({&eastus, &westus, &sweden})));
  const std::map<std::string, int> counted = distribution(gateway, 30);
  EXPECT_EQ(counted.size(), 3U);
  EXPECT_EQ(gateway.chat().header("x-routing-strategy"), "least_latency");
}

TEST(ExampleConfigs, AManagedIdentityProvesItselfToEveryResource) {
  FakeBackend platform, east, west;
  platform.always_reply(200, {}, R"({"access_token":"t0ken","expires_in":"3600","token_type":"Bearer"})");
  auto environment = numbered({&east, &west});
  environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = platform.url();
  const TestGateway gateway("", with(example("managed-identity.yaml"), environment));
  ASSERT_TRUE(eventually([&] { return gateway.admin("GET", "/readyz").status() == 200; }));
  EXPECT_EQ(distribution(gateway, 4), (std::map<std::string, int>{{"eastus", 2}, {"westus", 2}}));
  EXPECT_EQ(east.last_request().header("Authorization"), "Bearer t0ken");
  EXPECT_EQ(west.last_request().header("Authorization"), "Bearer t0ken");
  EXPECT_EQ(platform.request_count(), 1U);
}

TEST(ExampleConfigs, ClientsOfATenantCallWithTheirTokens) {
  FakeTenant issuer;
  FakeBackend azure;
  std::map<std::string, std::string> environment = numbered({&azure});
  environment["TENANT_ID"] = issuer.id();
  environment["ENTRA_AUTHORITY"] = issuer.authority();
  environment["SPILLWAY_APP_ID"] = "spillway";
  environment["BATCH_APP_ID"] = routing::test::application;
  const TestGateway gateway("", with(example("entra-clients.yaml"), environment));
  const auto call = [&](const nlohmann::json& changes, const std::string& model) {
    nlohmann::json claims = issuer.claims();
    claims.update(changes);
    return gateway.call(request("POST", "/openai/v1/responses",
                                {{"Authorization", "Bearer " + routing::test::first_signer().token(claims)}},
                                "{\"model\":\"" + model + "\"}"));
  };
  const std::string other_application = "aaaaaaaa-0000-4000-8000-00000000000b";
  const nlohmann::json person = {{"azp", other_application}, {"roles", {"Chat.User"}}};
  EXPECT_EQ(call(nlohmann::json::object(), "o3").status(), 200) << "batch may use everything";
  EXPECT_EQ(call(person, "gpt-4o").status(), 200);
  EXPECT_TRUE(is_gateway_error(call(person, "o3"), 403, "route_not_allowed"));
  EXPECT_TRUE(is_gateway_error(call({{"azp", other_application}}, "gpt-4o"), 403, "token_not_allowed"));
  EXPECT_EQ(gateway.chat("o3").status(), 200) << "with a key";
  EXPECT_EQ(azure.last_request().header("api-key"), "backend-key");
}

}  // namespace
}  // namespace spillway::test
