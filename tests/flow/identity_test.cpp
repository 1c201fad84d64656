#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

using testing::HasSubstr;

std::string grant(const std::string& token, const std::string& more = "") {
  return R"({"token_type":"Bearer","access_token":")" + token + R"(","expires_in":"3600")" + more + "}";
}

// A gateway whose platform is `issuer`.
TestGateway::Options on_platform(const FakeBackend& issuer) {
  TestGateway::Options options;
  options.environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = issuer.url();
  return options;
}

// Backends with the system's identity named a, b, c, …
std::string identified(const std::vector<std::string>& urls) {
  std::string yaml = "backends:\n";
  char name = 'a';
  for (const std::string& url : urls)
    yaml += std::string("  - {name: ") + name++ + ", url: \"" + url + "\", auth: {managed_identity: {}}}\n";
  return yaml;
}

bool becomes_ready(const TestGateway& gateway) {
  return eventually([&] { return gateway.admin("GET", "/readyz").status() == 200; });
}

// A backend that takes some tokens only.
class Guarded {
 public:
  explicit Guarded(FakeBackend& backend) {
    backend.always([this](FakeBackend::Turn& turn) {
      if (accepts(turn.request().header("Authorization").value_or("")))
        turn.reply(200, {}, "{\"served\":true}");
      else
        turn.reply(401, {}, "{\"error\":{\"code\":\"401\"}}");
    });
  }
  void accept_only(const std::string& token) {
    const std::lock_guard lock(mutex_);
    accepted_ = "Bearer " + token;
  }

 private:
  bool accepts(const std::string& value) {
    const std::lock_guard lock(mutex_);
    return value == accepted_;
  }
  std::mutex mutex_;
  std::string accepted_;
};

TEST(Identity, ProvesItselfWithAnAccessToken) {
  FakeBackend issuer, backend;
  issuer.always_reply(200, {}, grant("t0ken"));
  const TestGateway gateway(clients_yaml() + identified({backend.url()}) + pool_yaml("a"), on_platform(issuer));
  ASSERT_TRUE(becomes_ready(gateway));
  EXPECT_EQ(gateway.chat().status(), 200);
  const Message sent = backend.last_request();
  EXPECT_EQ(sent.header("Authorization"), "Bearer t0ken");
  EXPECT_EQ(sent.count("Authorization"), 1U);
  EXPECT_EQ(sent.count("api-key"), 0U);
}

TEST(Identity, AThousandFirstRequestsCauseOneTokenCall) {
  FakeBackend issuer, backend;
  issuer.always([](FakeBackend::Turn& turn) {
    if (turn.wait_for_release()) turn.reply(200, {}, grant("t0ken"));
  });
  const TestGateway gateway("limits: {max_connections: 2000}\n" + clients_yaml() + "backends: [{name: a, url: \"" +
                                backend.url() + "\", auth: {managed_identity: {}}, limits: {max_connections: 16}}]\n" +
                                pool_yaml("a", "timeouts: {connect: 60s}") + "on_exhausted: {wait: 60s}\n",
                            on_platform(issuer));
  std::vector<RawClient> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(gateway.client());
    ASSERT_TRUE(clients.back().send(chat_request()));
  }
  ASSERT_TRUE(issuer.wait_for_requests(1));
  issuer.release();
  int served = 0;
  for (RawClient& client : clients) served += client.receive().status() == 200 ? 1 : 0;
  EXPECT_EQ(served, 1000);
  EXPECT_EQ(issuer.request_count(), 1U);
  EXPECT_EQ(backend.request_count(), 1000U);
}

TEST(Identity, AnOutageOfTheIssuerAroundARefreshFailsNoRequest) {
  FakeBackend issuer, backend;
  issuer.then_reply(200, {}, grant("first", R"(,"refresh_in":1)")).then_reply(503).then([](FakeBackend::Turn& turn) {
    turn.reset();
  });
  issuer.always_reply(200, {}, grant("second"));
  const TestGateway gateway(clients_yaml() + identified({backend.url()}) + pool_yaml("a"), on_platform(issuer));
  ASSERT_TRUE(becomes_ready(gateway));
  std::set<std::string> used;
  const bool renewed = eventually([&] {
    EXPECT_EQ(gateway.chat().status(), 200);
    used.insert(backend.last_request().header("Authorization").value_or(""));
    return used.size() == 2;
  });
  EXPECT_TRUE(renewed);
  EXPECT_EQ(issuer.request_count(), 4U);
}

TEST(Identity, ATokenRevokedAtTheBackendHealsWithinOneRetry) {
  FakeBackend issuer, backend;
  issuer.then_reply(200, {}, grant("first")).then_reply(200, {}, grant("second"));
  Guarded guard(backend);
  guard.accept_only("first");
  const TestGateway gateway(
      clients_yaml() + identified({backend.url()}) + pool_yaml("a") + "response_headers: {attempts: true}\n",
      on_platform(issuer));
  ASSERT_TRUE(becomes_ready(gateway));
  EXPECT_EQ(gateway.chat().status(), 200);
  guard.accept_only("second");
  const Message healed = gateway.chat();
  EXPECT_EQ(healed.status(), 200);
  EXPECT_EQ(healed.header("x-attempts"), "a;401, a;200");
  EXPECT_EQ(issuer.request_count(), 2U);
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
  EXPECT_EQ(backend.request_count(), 4U);
}

TEST(Identity, ABackendThatRefusesEveryTokenIsRelayedAndTheIssuerLeftAlone) {
  FakeBackend issuer, backend;
  issuer.always_reply(200, {}, grant("t0ken"));
  Guarded guard(backend);
  const TestGateway gateway(clients_yaml() + identified({backend.url()}) + pool_yaml("a"), on_platform(issuer));
  ASSERT_TRUE(becomes_ready(gateway));
  for (int call = 0; call < 5; ++call) {
    const Message answer = gateway.chat();
    EXPECT_EQ(answer.status(), 401);
    EXPECT_EQ(answer.body, "{\"error\":{\"code\":\"401\"}}");
  }
  EXPECT_EQ(issuer.request_count(), 2U);
  EXPECT_EQ(backend.request_count(), 6U);
  EXPECT_EQ(gateway.status().find("\"open\""), std::string::npos);
}

TEST(Identity, ABackendWithoutATokenIsPassedOverAndSaidToBe) {
  FakeBackend issuer, a, b;
  issuer.always_reply(400, {}, R"({"error":"invalid_request","error_description":"Identity not found"})");
  const TestGateway gateway(clients_yaml() + identified({a.url()}) + "  - {name: b, url: \"" + b.url() +
                                "\", auth: {api_key: key-of-b}}\n" +
                                pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}"),
                            on_platform(issuer));
  ASSERT_TRUE(issuer.wait_for_requests(1));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("x-routed-backend"), "b");
  EXPECT_EQ(a.request_count(), 0U);
  const auto status = nlohmann::json::parse(gateway.status());
  EXPECT_EQ(status["pools"][0]["members"][0]["credential"], "missing");
  EXPECT_EQ(status["pools"][0]["members"][1]["credential"], "ok");
  EXPECT_EQ(gateway.admin("GET", "/readyz").status(), 200) << "the other one serves";
  const Message explained = gateway.admin("GET", "/explain?path=/openai/deployments/gpt-4o/chat/completions");
  EXPECT_THAT(explained.body, HasSubstr("no_credential"));
}

TEST(Identity, APoolWithoutAnyTokenIsNotReadyAndAnswersGenerically) {
  FakeBackend issuer, backend;
  issuer.always_reply(500);
  const TestGateway gateway(clients_yaml() + identified({backend.url()}) + pool_yaml("a"), on_platform(issuer));
  const Message ready = gateway.admin("GET", "/readyz");
  EXPECT_EQ(ready.status(), 503);
  EXPECT_THAT(ready.body, HasSubstr("there is no access token for backend a"));
  const Message answer = gateway.chat();
  EXPECT_TRUE(is_gateway_error(answer, 503, "no_backend_available"));
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(backend.request_count(), 0U);
}

TEST(Identity, AReloadKeepsTheTokensOfIdentitiesThatStay) {
  FakeBackend issuer, a, b;
  issuer.always_reply(200, {}, grant("t0ken"));
  TestGateway gateway(clients_yaml() + identified({a.url()}) + pool_yaml("a"), on_platform(issuer));
  ASSERT_TRUE(becomes_ready(gateway));
  EXPECT_EQ(gateway.reload(clients_yaml() + identified({a.url(), b.url()}) + pool_yaml("b")).status(), 200);
  EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(b.last_request().header("Authorization"), "Bearer t0ken");
  EXPECT_EQ(issuer.request_count(), 1U);
}

TEST(Identity, ShowsNoTokenAnywhere) {
  FakeBackend issuer, backend;
  issuer.always_reply(200, {}, grant("marker-of-a-token"));
  backend.always_reply(401, {}, "{}");
  const TestGateway gateway(clients_yaml() + identified({backend.url()}) + pool_yaml("a"), on_platform(issuer));
  ASSERT_TRUE(becomes_ready(gateway));
  const Message answer = gateway.chat();
  for (const std::string& shown : {answer.raw_head, answer.body, gateway.status(), gateway.metrics()})
    EXPECT_EQ(shown.find("marker-of-a-token"), std::string::npos);
}

}  // namespace
}  // namespace spillway::test
