#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

using nlohmann::json;

std::string yaml(const FakeBackend& a, const FakeBackend& b, const std::string& more = "") {
  return clients_yaml() + "backends:\n  - {name: ptu, url: \"" + a.url() +
         "\", region: East US, kind: ptu, deployments: {gpt-4o: gpt-4o-ptu, o3-mini: o3-mini}, auth: {api_key: "
         "backend-key-a}}\n  - {name: paygo, url: \"" +
         b.url() + "\"}\n" + pool_yaml("{backend: ptu, priority: 1}, {backend: paygo, priority: 2, weight: 5}") + more;
}

TEST(Admin, EveryPathAnswers) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  EXPECT_EQ(gateway.admin("GET", "/healthz").status(), 200);
  EXPECT_EQ(gateway.admin("GET", "/readyz").body, "ready\n");
  EXPECT_EQ(gateway.admin("GET", "/status").header("content-type"), "application/json");
  EXPECT_EQ(gateway.admin("GET", "/metrics").header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(gateway.admin("POST", "/reload").status(), 200);
  for (const char* path : {"/healthz", "/readyz", "/status", "/metrics"}) {
    const Message answer = gateway.admin("GET", path);
    EXPECT_EQ(answer.header("cache-control"), "no-store") << path;
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff") << path;
  }
}

TEST(Admin, ExplainsWhereARequestWouldGoNow) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  const auto explain = [&](const std::string& query) { return gateway.admin("GET", "/explain?" + query); };
  const json first = json_of(explain("path=/openai/v1/chat/completions&model=gpt-4o&client=app"));
  EXPECT_EQ(first["route"], "default");
  EXPECT_EQ(first["pool"], "openai");
  EXPECT_EQ(first["strategy"], "priority");
  EXPECT_EQ(first["members"][0]["backend"], "ptu");
  EXPECT_EQ(first["members"][0]["order"], 1);
  EXPECT_EQ(first["members"][0]["deployment"], "gpt-4o-ptu");
  EXPECT_EQ(first["members"][1]["backend"], "paygo");
  EXPECT_EQ(first["members"][1]["order"], 2);
  EXPECT_TRUE(first["refusal"].is_null());

  a.then_reply(429, retry_after_ms(60'000));
  EXPECT_EQ(gateway.chat("gpt-4o").header("x-routed-backend"), "paygo");
  const json now = json_of(explain("path=/openai/deployments/gpt-4o/chat/completions"));
  EXPECT_EQ(now["members"][0]["backend"], "paygo");
  EXPECT_EQ(now["members"][1]["backend"], "ptu");
  EXPECT_EQ(now["members"][1]["standing"], "open");
  EXPECT_EQ(now["members"][1]["circuit"]["rule"], "throttled");
  EXPECT_GT(now["members"][1]["circuit"]["reopens_in_ms"], 0);
  EXPECT_EQ(now["model"], "gpt-4o") << "read from the path";
  const json other = json_of(explain("path=/openai/v1/x&model=nowhere"));
  EXPECT_EQ(other["members"][1]["standing"], "not_served");
}

TEST(Admin, ExplainSaysWhatIsWrongWithTheQuestion) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  EXPECT_EQ(gateway.admin("GET", "/explain").status(), 400);
  EXPECT_EQ(gateway.admin("GET", "/explain?path=openai").status(), 400);
  EXPECT_EQ(gateway.admin("GET", "/explain?path=/x&client=nobody").status(), 404);
  EXPECT_EQ(gateway.admin("POST", "/explain?path=/x").status(), 405);
}

TEST(Admin, AHeadRequestIsAnsweredLikeAGetWithoutItsBody) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  RawClient client(gateway.admin_port());
  client.send(request("HEAD", "/status", {}));
  const Message answer = client.receive(true);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_NE(answer.header("content-length"), "0");
  EXPECT_TRUE(client.unread().empty());
}

TEST(Admin, T14AnUnknownPathIs404AndAWrongMethod405) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  for (const char* path : {"/nothing", "/healthz/", "/status/x", "/openai/v1/models", "/Healthz"})
    EXPECT_EQ(gateway.admin("GET", path).status(), 404) << path;
  for (const char* path : {"/healthz", "/readyz", "/status", "/metrics"}) {
    const Message answer = gateway.admin("POST", path);
    EXPECT_EQ(answer.status(), 405) << path;
    EXPECT_EQ(answer.header("allow"), "GET, HEAD") << path;
  }
  const Message answer = gateway.admin("GET", "/reload");
  EXPECT_EQ(answer.status(), 405);
  EXPECT_EQ(answer.header("allow"), "POST");
  EXPECT_TRUE(reaches(gateway, "spillway_config_reloads_total{result=\"success\"}", 0));
}

TEST(Admin, T14ItsPathsAreNothingSpecialForClients) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b) + "routes: [{name: only, match: {path: /openai}, pool: openai}]\n");
  const std::string admin = "127.0.0.1:" + std::to_string(gateway.admin_port());
  const auto ask = [&](const char* method, const std::string& target, const Headers& headers) {
    return gateway.call(request(method, target, headers, std::string(method) == "POST" ? "{}" : ""));
  };
  for (const std::string page : {"healthz", "readyz", "metrics", "status", "reload", "explain?path=/openai"}) {
    for (const std::string& target :
         {"/" + page, "/%73" + page, "/" + page + "/", "/admin/" + page, "http://gateway.test/" + page}) {
      for (const char* method : {"GET", "POST"}) {
        EXPECT_TRUE(is_gateway_error(ask(method, target, {}), 401, "missing_api_key")) << target;
        EXPECT_TRUE(is_gateway_error(ask(method, target, {{"api-key", "test-key"}}), 404, "route_not_found")) << target;
      }
    }
    for (const std::string& target : {"/./" + page, "//" + page, "/openai/../" + page, "/openai/%2e%2e/" + page,
                                      "/openai/..%2f" + page, "/openai\\" + page, "http://" + admin + "/" + page}) {
      EXPECT_TRUE(is_gateway_error(ask("GET", target, {{"api-key", "test-key"}}), 400, "bad_request")) << target;
    }
  }
  const Headers forged = {{"api-key", "test-key"}, {"X-Forwarded-Host", admin}, {"X-Forwarded-For", "127.0.0.1"}};
  EXPECT_TRUE(is_gateway_error(ask("POST", "/reload", forged), 404, "route_not_found"));
  EXPECT_TRUE(reaches(gateway, "spillway_config_reloads_total{result=\"success\"}", 0));
  EXPECT_EQ(a.connection_count() + b.connection_count(), 0U);
}

TEST(Admin, T14ItListensOnItsOwnAddressAlone) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  const auto connects = [&](const char* address) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(gateway.admin_port());
    ::inet_pton(AF_INET, address, &peer.sin_addr);
    const int result = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
    ::close(descriptor);
    return result == 0;
  };
  EXPECT_TRUE(connects("127.0.0.1"));
  EXPECT_FALSE(connects("127.0.0.2")) << "another address of the same machine";
}

TEST(Admin, StatusTellsEverythingOfTheContractAndNoSecret) {
  FakeBackend a, b;
  a.then_reply(200).then_reply(500).then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b));
  for (int i = 0; i < 4; ++i) gateway.chat();
  gateway.chat("o3-mini");
  ASSERT_TRUE(reaches(gateway, "spillway_requests_total{route=\"default\",client=\"app\",code=\"200\"}", 5));
  const std::string text = gateway.status();
  const json status = json::parse(text);
  EXPECT_FALSE(status["version"].get<std::string>().empty());
  EXPECT_EQ(status["started_at"].get<std::string>().size(), 24U);
  EXPECT_TRUE(status["config"]["path"].get<std::string>().ends_with("/spillway.yaml"));
  EXPECT_EQ(status["config"]["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(status["config"]["loaded_at"].get<std::string>().size(), 24U);
  ASSERT_EQ(status["pools"].size(), 1U);
  EXPECT_EQ(status["pools"][0]["name"], "openai");
  EXPECT_EQ(status["pools"][0]["strategy"], "round_robin");

  json ptu = status["pools"][0]["members"][0];
  EXPECT_GT(ptu["ttfb_ms"].get<double>(), 0);
  EXPECT_GT(ptu["circuits"][0]["reopens_in_ms"].get<int>(), 0);
  ptu.erase("ttfb_ms");
  ptu.erase("last_minute");
  ptu["circuits"][0].erase("reopens_in_ms");
  EXPECT_EQ(ptu, json::parse(R"({"backend": "ptu", "region": "East US", "kind": "ptu", "priority": 1, "weight": 1,
      "credential": "ok", "in_flight": 0, "requests": 4, "failures": 1, "throttled": 1, "circuits": [
      {"deployment": "gpt-4o-ptu", "state": "open", "rule": "throttled"},
      {"deployment": "o3-mini", "state": "closed", "rule": null, "reopens_in_ms": null}]})"));
  json paygo = status["pools"][0]["members"][1];
  paygo.erase("ttfb_ms");
  paygo.erase("circuits");
  paygo.erase("last_minute");
  EXPECT_EQ(paygo, json::parse(R"({"backend": "paygo", "region": "", "kind": "paygo", "priority": 2, "weight": 5,
      "credential": "ok", "in_flight": 0, "requests": 3, "failures": 0, "throttled": 0})"));
  for (const char* secret : {"test-key", "backend-key-a"}) EXPECT_EQ(text.find(secret), std::string::npos);
}

TEST(Admin, AFreshStatusHasNoCircuitsAndNoTimes) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  const json member = member_of(gateway.status(), 0);
  EXPECT_EQ(member["circuits"], json::array());
  EXPECT_EQ(member["ttfb_ms"], nullptr);
  EXPECT_EQ(member["requests"], 0);
}

TEST(Admin, ReadinessNeedsAnEligibleMemberInEveryPool) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(300));
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            "pools: [{name: first, members: [{backend: a}]}, {name: second, members: [{backend: b}]}]\n"
                            "routes: [{name: one, match: {path: /one}, pool: first}, {name: two, pool: second}]\n");
  EXPECT_EQ(gateway.admin("GET", "/readyz").status(), 200);
  gateway.call(request("POST", "/one", {{"api-key", "test-key"}}, "{}"));
  const Message unready = gateway.admin("GET", "/readyz");
  if (unready.status() != 200) {
    EXPECT_EQ(unready.status(), 503);
    EXPECT_EQ(unready.body, "pool first has no eligible member\n");
  }
  EXPECT_TRUE(eventually([&] { return gateway.admin("GET", "/readyz").status() == 200; })) << "it comes back by itself";
}

TEST(Admin, APoolWhoseMembersAreAllDrainedIsNotReady) {
  FakeBackend a, b;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("{backend: a, weight: 0}, {backend: b, weight: 0}"));
  const Message unready = gateway.admin("GET", "/readyz");
  EXPECT_EQ(unready.status(), 503);
  EXPECT_EQ(unready.body, "pool openai has no eligible member\n");
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "no_backend_available"));
}

TEST(Admin, AnOpenCircuitOfOneDeploymentLeavesTheMemberReady) {
  FakeBackend a;
  a.then_reply(200).then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                            "\", deployments: {gpt-4o: gpt-4o, o3-mini: o3-mini}}]\n" + pool_yaml("a"));
  gateway.chat("gpt-4o");
  gateway.chat("o3-mini");
  EXPECT_EQ(gateway.admin("GET", "/readyz").status(), 200);
}

TEST(Metrics, CountExactlyWhatHappened) {
  FakeBackend a, b;
  a.then_reply(200).then_reply(429, retry_after_ms(60'000), "{}");
  b.then_reply(200).then_reply(404);
  const TestGateway gateway(yaml(a, b));
  RawClient client = gateway.client();
  for (int i = 0; i < 3; ++i) client.call(chat_request());
  gateway.call(request("POST", "/openai/v1/responses", {{"api-key", "wrong"}}, "{}"));
  // A request is counted once its answer has gone out, so the last may be a moment behind.
  std::string text;
  EXPECT_TRUE(eventually([&] {
    text = gateway.metrics();
    return metric(text, "spillway_requests_total{route=\"-\",client=\"-\",code=\"401\"}") == 1 &&
           metric(text, "spillway_client_connections") == 1;
  }));
  const auto expect = [&](const std::string& series, double value) {
    EXPECT_EQ(metric(text, "spillway_" + series), value) << series;
  };
  expect("requests_total{route=\"default\",client=\"app\",code=\"200\"}", 2);
  expect("requests_total{route=\"default\",client=\"app\",code=\"404\"}", 1);
  expect("request_duration_seconds_count{route=\"default\"}", 3);
  expect("time_to_first_byte_seconds_count{route=\"default\"}", 3);
  expect("overhead_seconds_count", 3);
  expect("attempts_total{pool=\"openai\",backend=\"ptu\",outcome=\"success\"}", 1);
  expect("attempts_total{pool=\"openai\",backend=\"ptu\",outcome=\"throttled\"}", 1);
  expect("attempts_total{pool=\"openai\",backend=\"paygo\",outcome=\"success\"}", 1);
  expect("attempts_total{pool=\"openai\",backend=\"paygo\",outcome=\"client_error\"}", 1);
  expect("retries_total{pool=\"openai\"}", 1);
  expect("exhausted_total{pool=\"openai\"}", 0);
  expect("circuit_state{backend=\"ptu\",deployment=\"gpt-4o-ptu\",state=\"open\"}", 1);
  expect("circuit_state{backend=\"ptu\",deployment=\"gpt-4o-ptu\",state=\"closed\"}", 0);
  expect("circuit_transitions_total{backend=\"ptu\",deployment=\"gpt-4o-ptu\",from=\"closed\",to=\"open\"}", 1);
  expect("retry_after_seconds_count{backend=\"ptu\"}", 1);
  expect("retry_after_seconds_sum{backend=\"ptu\"}", 60);
  expect("backend_in_flight{backend=\"ptu\"}", 0);
  expect("upstream_connections{backend=\"ptu\",state=\"idle\"}", 1);
  expect("upstream_connections{backend=\"ptu\",state=\"active\"}", 0);
  expect("streams_active", 0);
  EXPECT_NE(text.find("\nspillway_build_info{"), std::string::npos);
  for (const char* secret : {"test-key", "backend-key-a"}) EXPECT_EQ(text.find(secret), std::string::npos);
}

TEST(Metrics, LabelsAreBoundedWhateverClientsAskFor) {
  FakeBackend a;
  a.always_reply(404);
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"));
  RawClient client = gateway.client();
  for (int i = 0; i < 150; ++i) client.call(chat_request("invented-" + std::to_string(i)));
  const std::string text = gateway.metrics();
  EXPECT_EQ(text.find("invented"), std::string::npos) << "no backend has ever served one";
  EXPECT_EQ(metric(text, "spillway_circuit_state{backend=\"a\",deployment=\"other\",state=\"closed\"}"), 1);
}

TEST(Metrics, ADeploymentThatWasServedGetsALabelAtMostAHundred) {
  FakeBackend a;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"));
  RawClient client = gateway.client();
  for (int i = 0; i < 150; ++i)
    for (int twice = 0; twice < 2; ++twice) client.call(chat_request("served-" + std::to_string(i)));
  EXPECT_EQ(member_of(gateway.status(), 0)["circuits"].size(), 101U) << "a hundred and `other`";
}

}  // namespace
}  // namespace spillway::test
