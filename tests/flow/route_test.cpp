#include <gtest/gtest.h>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

// Backends a and b, each alone in a pool of its name; two clients.
std::string yaml(const FakeBackend& a, const FakeBackend& b, const std::string& routes,
                 const std::string& client_routes = "") {
  return "clients: [{name: app, keys: [test-key]" + client_routes + "}, {name: other, keys: [other-key]}]\n" +
         backends_yaml({a.url(), b.url()}) +
         "pools: [{name: pool-a, members: [{backend: a}]}, {name: pool-b, members: [{backend: b}]}]\n"
         "routes: [" +
         routes + "]\n";
}

Message post(const TestGateway& gateway, const std::string& path, const std::string& body,
             const std::string& key = "test-key") {
  return gateway.call(request("POST", path, {{"api-key", key}, {"Content-Type", "application/json"}}, body));
}

constexpr char v1[] = "/openai/v1/responses";
constexpr char gpt[] = "{\"model\":\"gpt-4o\"}";
constexpr char o3[] = "{\"model\":\"o3-mini\"}";

TEST(Route, TheFirstThatMatchesDecides) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b,
                                 "{name: first, match: {path: /openai, models: [\"gpt-4o*\"]}, pool: pool-a}, "
                                 "{name: second, match: {path: /openai}, pool: pool-b}"));
  EXPECT_EQ(post(gateway, v1, gpt).header("x-routed-backend"), "a");
  EXPECT_EQ(post(gateway, v1, "{\"model\":\"gpt-4o-mini\"}").header("x-routed-backend"), "a");
  EXPECT_EQ(post(gateway, v1, o3).header("x-routed-backend"), "b");
  EXPECT_EQ(gateway.chat("gpt-4o").header("x-routed-backend"), "a") << "the path names the model";
  EXPECT_EQ(gateway.chat("o3-mini").header("x-routed-backend"), "b");
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"first\",client=\"app\",code=\"200\"}", 3));
}

TEST(Route, AModelInThePathWinsOverTheBody) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b,
                                 "{name: first, match: {models: [\"gpt-4o\"]}, pool: pool-a}, "
                                 "{name: second, pool: pool-b}"));
  EXPECT_EQ(post(gateway, "/openai/deployments/gpt-4o/chat/completions", o3).header("x-routed-backend"), "a");
}

TEST(Route, ARequestWithoutAModelSkipsRoutesWithModels) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b,
                                 "{name: first, match: {models: [\"*\"]}, pool: pool-a}, "
                                 "{name: second, match: {path: /openai}, pool: pool-b}"));
  EXPECT_EQ(gateway.call(request("GET", "/openai/v1/models", {{"api-key", "test-key"}})).header("x-routed-backend"),
            "b");
  EXPECT_EQ(post(gateway, v1, "{\"input\":\"x\"}").header("x-routed-backend"), "b");
  EXPECT_EQ(post(gateway, v1, gpt).header("x-routed-backend"), "a");
}

TEST(Route, APathEndsAtASegment) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b, "{name: only, match: {path: /openai}, pool: pool-a}"));
  EXPECT_EQ(post(gateway, "/openai", "{}").status(), 200);
  EXPECT_EQ(post(gateway, "/openai/x", "{}").status(), 200);
  EXPECT_TRUE(is_gateway_error(post(gateway, "/openaix", "{}"), 404, "route_not_found"));
  EXPECT_TRUE(is_gateway_error(post(gateway, "/", "{}"), 404, "route_not_found"));
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"-\",client=\"app\",code=\"404\"}", 2));
}

TEST(Route, ARouteOfOtherClientsIsNotAllowed) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b, "{name: only, match: {path: /openai, clients: [other]}, pool: pool-a}"));
  EXPECT_TRUE(is_gateway_error(post(gateway, v1, gpt), 403, "route_not_allowed"));
  EXPECT_EQ(post(gateway, v1, gpt, "other-key").status(), 200);
}

TEST(Route, ARouteThatIsNotAmongTheClientsOwnIsNotAllowed) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b,
                                 "{name: one, match: {path: /one}, pool: pool-a}, "
                                 "{name: two, match: {path: /two}, pool: pool-b}",
                                 ", routes: [two]"));
  EXPECT_TRUE(is_gateway_error(post(gateway, "/one/x", "{}"), 403, "route_not_allowed"));
  EXPECT_EQ(post(gateway, "/two/x", "{}").status(), 200);
  EXPECT_EQ(post(gateway, "/one/x", "{}", "other-key").status(), 200);
  EXPECT_EQ(a.request_count(), 1U);
}

TEST(Route, ADenyRouteAnswersWithItsStatusAndMessage) {
  FakeBackend a, b;
  const TestGateway gateway(
      yaml(a, b,
           "{name: gated, match: {models: [\"o3*\"]}, deny: {status: 451, message: \"Not for you.\"}}, "
           "{name: plain, match: {models: [\"o1*\"]}, deny: {}}, {name: rest, pool: pool-a}"));
  const Message denied = post(gateway, v1, o3);
  EXPECT_TRUE(is_gateway_error(denied, 451, "denied"));
  EXPECT_EQ(json_of(denied)["error"]["message"], "Not for you.");
  EXPECT_TRUE(is_gateway_error(post(gateway, v1, "{\"model\":\"o1\"}"), 403, "denied"));
  EXPECT_EQ(post(gateway, v1, gpt).status(), 200);
}

TEST(Route, AModelThatNoRouteTakesIsNotFoundAndNoModelIsRequired) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b, "{name: only, match: {path: /openai, models: [\"gpt*\"]}, pool: pool-a}"));
  EXPECT_TRUE(is_gateway_error(post(gateway, v1, o3), 400, "model_not_found"));
  EXPECT_TRUE(is_gateway_error(post(gateway, v1, "{}"), 400, "model_required"));
  EXPECT_TRUE(is_gateway_error(post(gateway, v1, "{\"model\":42}"), 400, "model_required"));
  EXPECT_TRUE(is_gateway_error(gateway.call(request("GET", "/openai/v1/models", {{"api-key", "test-key"}})), 400,
                               "model_required"));
}

TEST(Route, AModelThatNoMemberServesIsNotFound) {
  FakeBackend a;
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                            "\", deployments: {gpt-4o: gpt-4o}}]\n" + pool_yaml("a"));
  EXPECT_TRUE(is_gateway_error(post(gateway, v1, o3), 400, "model_not_found"));
  EXPECT_EQ(post(gateway, v1, gpt).status(), 200);
  EXPECT_EQ(post(gateway, v1, "{}").status(), 200) << "without a model any member will do";
}

TEST(Route, MembersThatDoNotServeTheModelArePassedOver) {
  FakeBackend a, b;
  const TestGateway gateway(clients_yaml() + "backends:\n  - {name: a, url: \"" + a.url() +
                            "\", deployments: {gpt-4o: gpt-4o}}\n  - {name: b, url: \"" + b.url() +
                            "\", deployments: {o3-mini: o3-mini}}\n" + pool_yaml("ab"));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(post(gateway, v1, gpt).header("x-routed-backend"), "a");
    EXPECT_EQ(post(gateway, v1, o3).header("x-routed-backend"), "b");
  }
}

constexpr char needs_model[] =
    "{name: only, match: {path: /openai, models: [\"gpt*\"]}, pool: pool-a}, {name: rest, pool: pool-b}";

TEST(Route, ABodyThatIsNotJsonIsRefusedOnlyWhereTheModelIsNeededFromIt) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b, needs_model));
  for (const char* body : {"nonsense", "[]", "{\"model\":\"gpt-4o\"", "{\"model\":\"gpt-4o\"}}", "\"x\""})
    EXPECT_TRUE(is_gateway_error(post(gateway, v1, body), 400, "bad_request")) << body;
  EXPECT_EQ(post(gateway, "/elsewhere", "nonsense").status(), 200);
  EXPECT_EQ(post(gateway, "/openai/deployments/gpt-4o/chat/completions", "nonsense").status(), 200);
}

TEST(Route, ACompressedBodyIsRefusedWhereTheModelIsNeededFromIt) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b, needs_model));
  const Headers headers = {{"api-key", "test-key"}, {"Content-Encoding", "gzip"}};
  EXPECT_TRUE(is_gateway_error(gateway.call(request("POST", v1, headers, noise(100))), 400, "bad_request"));
  EXPECT_EQ(gateway.call(request("POST", "/elsewhere", headers, noise(100))).status(), 200);
}

TEST(Route, ABodyThatIsNotJsonIsRefusedWhereAMappingNeedsTheModel) {
  FakeBackend a;
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                            "\", deployments: {gpt-4o: gpt-4o-ptu, \"*\": \"*\"}}]\n" + pool_yaml("a"));
  EXPECT_TRUE(is_gateway_error(post(gateway, v1, "nonsense"), 400, "bad_request"));
  EXPECT_EQ(post(gateway, v1, "{}").status(), 200);
}

TEST(Route, TwoModelsInOneBodyAreRefusedEverywhere) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b, needs_model));
  for (const char* body :
       {"{\"model\":\"gpt-4o\",\"model\":\"o3\"}", "{\"model\":\"gpt-4o\",\"mod\\u0065l\":\"gpt-4o\"}"}) {
    EXPECT_TRUE(is_gateway_error(post(gateway, v1, body), 400, "bad_request")) << body;
    EXPECT_TRUE(
        is_gateway_error(post(gateway, "/openai/deployments/gpt-4o/chat/completions", body), 400, "bad_request"));
  }
  EXPECT_EQ(a.connection_count() + b.connection_count(), 0U);
}

TEST(Route, SpellingsOfAPathDoNotGetAroundADenial) {
  FakeBackend a, b;
  const TestGateway gateway(
      yaml(a, b, "{name: gated, match: {models: [\"o3*\"]}, deny: {}}, {name: rest, pool: pool-a}"));
  for (const char* path :
       {"/openai/deployments/o3-mini/chat/completions", "/openai/deployments/%6F3-mini/chat/completions",
        "/openai/Deployments/o3-mini/chat/completions", "/openai/%64eployments/o3-mini/chat/completions"})
    EXPECT_TRUE(is_gateway_error(post(gateway, path, "{}"), 403, "denied")) << path;
  for (const char* path : {"/openai/x/../deployments/o3-mini/chat/completions", "/openai//deployments/o3-mini/x",
                           "/openai/deployments%2Fo3-mini/x", "/openai/%2e%2e/deployments/o3-mini"})
    EXPECT_TRUE(is_gateway_error(post(gateway, path, "{}"), 400, "bad_request")) << path;
}

}  // namespace
}  // namespace spillway::test
