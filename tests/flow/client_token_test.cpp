#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "fake_tenant.hpp"
#include "servers.hpp"

// Clients that show access tokens of Entra ID.
namespace spillway::test {
namespace {

using nlohmann::json;
using routing::test::first_signer;
using routing::test::other_signer;
using routing::test::second_signer;
using routing::test::Signer;
using testing::HasSubstr;

std::string bearer(const std::string& token, const std::string& target = "/openai/v1/chat/completions") {
  return request("POST", target, {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}},
                 "{\"model\":\"gpt-4o\"}");
}

class ClientToken : public testing::Test {
 protected:
  std::string entra(const std::string& more = "") const {
    return "{tenant_id: " + issuer_.id() + ", audiences: [api://spillway], authority: \"" + issuer_.authority() + "\"" +
           (more.empty() ? "" : ", " + more) + "}";
  }
  // `clients` is the inside of a YAML list.
  std::string yaml(const std::string& clients, const std::string& more = "") const {
    return "clients: [" + clients + "]\n" + backends_yaml({backend_.url()}) + pool_yaml("a") + more;
  }
  std::string chat_app() const { return "{name: chat, entra: " + entra() + "}"; }
  std::string token(const json& changes = json::object(), const Signer& signer = first_signer()) const {
    json claims = issuer_.claims();
    claims.merge_patch(changes);
    return signer.token(claims);
  }
  static bool has_keys(const TestGateway& gateway) {
    return eventually([&] { return json::parse(gateway.status())["token_keys"][0]["keys"] != 0; });
  }

  FakeTenant issuer_;
  FakeBackend backend_;
};

TEST_F(ClientToken, ProvesWhoTheClientIs) {
  const TestGateway gateway(yaml(chat_app()));
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200) << "it waits for the first keys";
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"default\",client=\"chat\",code=\"200\"}", 2));
  const Message sent = backend_.last_request();
  EXPECT_EQ(sent.header("api-key"), "backend-key-a");
  EXPECT_EQ(sent.count("Authorization"), 0U) << "meant for the gateway alone";
  EXPECT_EQ(issuer_.key_fetches(), 1U);
}

TEST_F(ClientToken, StandsBesideKeysAndKeysGoFirst) {
  const TestGateway gateway(yaml("{name: app, keys: [test-key]}, " + chat_app()));
  EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
  EXPECT_EQ(gateway.call(bearer("test-key")).status(), 200);
  const Message both = gateway.call(request("POST", "/openai/v1/chat/completions",
                                            {{"api-key", "test-key"}, {"Authorization", "Bearer " + token()}}, "{}"));
  EXPECT_EQ(both.status(), 200);
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"default\",client=\"app\",code=\"200\"}", 3));
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"default\",client=\"chat\",code=\"200\"}", 1));
  const Message wrong_key =
      gateway.call(request("GET", "/openai/v1/models", {{"api-key", "wrong"}, {"Authorization", "Bearer " + token()}}));
  EXPECT_TRUE(is_gateway_error(wrong_key, 401, "invalid_api_key")) << "the key is what decides";
  EXPECT_EQ(wrong_key.count("WWW-Authenticate"), 0U);
}

struct Refused {
  std::string token;
  int status;
  std::string code;
  std::string message;
};

TEST_F(ClientToken, IsRefusedForAReasonOfItsOwn) {
  const TestGateway gateway(
      yaml("{name: chat, entra: " +
           entra("client_ids: [" + routing::test::application + "], required_claims: {roles: [Chat.User]}") + "}"));
  ASSERT_TRUE(has_keys(gateway));
  const json good = {{"roles", {"Chat.User"}}};
  const auto changed = [&](const json& changes) {
    json claims = good;
    claims.merge_patch(changes);
    return token(claims);
  };
  ASSERT_EQ(gateway.call(bearer(changed(json::object()))).status(), 200);
  const std::string whole = changed(json::object());
  const std::string payload = whole.substr(0, whole.rfind('.'));
  std::string tampered = whole;
  tampered[whole.find('.') + 10] = tampered[whole.find('.') + 10] == 'A' ? 'B' : 'A';
  json unsigned_header = first_signer().header();
  unsigned_header["alg"] = "none";
  json claims = issuer_.claims();
  claims.merge_patch(good);
  const std::string none = first_signer().token(unsigned_header, claims);
  const std::string bare = none.substr(0, none.rfind('.') + 1);
  const std::vector<Refused> all = {
      {changed({{"exp", 1'000'000'000}}), 401, "invalid_token", "The access token has expired."},
      {changed({{"nbf", 4'102'444'700}}), 401, "invalid_token", "The access token is not valid yet."},
      {changed({{"aud", "api://other"}}), 401, "invalid_token", "The access token is meant for another audience."},
      {changed({{"iss", "https://login.example/v2.0"}}), 401, "invalid_token",
       "The access token comes from an issuer that is not accepted here."},
      {none, 401, "invalid_token", "The access token is not signed."},
      {bare, 401, "invalid_token", "The access token is not signed."},
      {other_signer().token(claims), 401, "invalid_token", "The signature of the access token is not valid."},
      {payload + "." + token().substr(token().rfind('.') + 1), 401, "invalid_token",
       "The signature of the access token is not valid."},
      {changed({{"azp", "aaaaaaaa-0000-4000-8000-00000000000b"}}), 403, "token_not_allowed",
       "The application of the access token may not call here."},
      {token(), 403, "token_not_allowed", "The access token lacks a role, scope or other claim it needs here."},
      {changed({{"roles", {"Chat.Reader"}}}), 403, "token_not_allowed",
       "The access token lacks a role, scope or other claim it needs here."},
      {"eyJ.eyJ.x", 401, "invalid_token", "The access token is not a JSON web token that can be read."},
  };
  for (const Refused& each : all) {
    const Message answer = gateway.call(bearer(each.token));
    EXPECT_TRUE(is_gateway_error(answer, each.status, each.code)) << each.message;
    EXPECT_EQ(json_of(answer)["error"]["message"], each.message);
    const auto expected =
        each.status == 401 ? std::optional<std::string>("Bearer error=\"invalid_token\"") : std::nullopt;
    EXPECT_EQ(answer.header("WWW-Authenticate"), expected) << each.message;
  }
  EXPECT_TRUE(is_gateway_error(gateway.call(bearer(tampered)), 401, "invalid_token"));
  EXPECT_TRUE(is_gateway_error(gateway.call(bearer("no-token")), 401, "invalid_api_key"))
      << "it does not look like one";
  EXPECT_EQ(backend_.request_count(), 1U);
  EXPECT_EQ(issuer_.key_fetches(), 1U) << "none of them asks for keys";
}

TEST_F(ClientToken, IsJudgedByNobodyWhereNoClientShowsTokens) {
  const TestGateway gateway(yaml("{name: app, keys: [test-key]}"));
  EXPECT_TRUE(is_gateway_error(gateway.call(bearer(token())), 401, "invalid_api_key"));
  EXPECT_EQ(issuer_.server().request_count(), 0U);
  EXPECT_EQ(json::parse(gateway.status())["token_keys"], json::array());
}

TEST_F(ClientToken, OpensOnlyTheRoutesOfItsClient) {
  const TestGateway gateway(yaml("{name: chat, entra: " + entra() + ", routes: [chat]}",
                                 "routes: [{name: chat, match: {path: /openai/v1/chat}, "
                                 "pool: openai}, {name: rest, pool: openai}]\n"));
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
  EXPECT_TRUE(is_gateway_error(gateway.call(bearer(token(), "/openai/v1/embeddings")), 403, "route_not_allowed"));
}

TEST_F(ClientToken, OpensWebSocketsToo) {
  const TestGateway gateway(yaml(chat_app()));
  const Headers fields = {{"Connection", "Upgrade"},
                          {"Upgrade", "websocket"},
                          {"Sec-WebSocket-Version", "13"},
                          {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                          {"Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key." + token()}};
  const Message answer = gateway.call(request("GET", "/openai/v1/realtime?model=gpt-4o", fields));
  EXPECT_EQ(answer.status(), 200) << "the backend's own answer to the handshake";
  EXPECT_EQ(backend_.last_request().header("Sec-WebSocket-Protocol"), "realtime");
  Headers wrong = fields;
  wrong.back().second = "realtime, openai-insecure-api-key." + token({{"aud", "x"}});
  EXPECT_TRUE(
      is_gateway_error(gateway.call(request("GET", "/openai/v1/realtime?model=gpt-4o", wrong)), 401, "invalid_token"));
}

TEST_F(ClientToken, IsPassedOnWhereTheBackendWantsTheCallersOwn) {
  const TestGateway gateway("clients: [{name: app, keys: [test-key]}, " + chat_app() +
                            "]\nbackends: [{name: a, url: \"" + backend_.url() + "\", auth: {passthrough: true}}]\n" +
                            pool_yaml("a"));
  const std::string shown = token();
  EXPECT_EQ(gateway.call(bearer(shown)).status(), 200);
  EXPECT_EQ(backend_.last_request().header("Authorization"), "Bearer " + shown);
  EXPECT_EQ(gateway.call(bearer("test-key")).status(), 200);
  EXPECT_EQ(backend_.last_request().count("Authorization"), 0U) << "never a key of the gateway";
}

TEST_F(ClientToken, SignedWithANewKeyIsTakenWithoutARestartOrAFailure) {
  const TestGateway gateway(yaml(chat_app()));
  ASSERT_EQ(gateway.call(bearer(token())).status(), 200);
  issuer_.roll_over({&first_signer(), &second_signer()});
  std::vector<RawClient> clients;
  const std::string renewed = token(json::object(), second_signer());
  for (int i = 0; i < 50; ++i) {
    clients.push_back(gateway.client());
    ASSERT_TRUE(clients.back().send(bearer(renewed)));
  }
  for (RawClient& client : clients) EXPECT_EQ(client.receive().status(), 200);
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200) << "the old one is still there";
  EXPECT_EQ(issuer_.key_fetches(), 2U) << "one for all of them";
}

TEST_F(ClientToken, WithAMadeUpKeyCausesOneFetch) {
  const TestGateway gateway(yaml(chat_app()));
  ASSERT_TRUE(has_keys(gateway));
  RawClient client = gateway.client();
  for (int i = 0; i < 1000; ++i) {
    json header = first_signer().header();
    header["kid"] = "made-up-" + std::to_string(i);
    const Message answer = client.call(bearer(other_signer().token(header, issuer_.claims())));
    ASSERT_TRUE(is_gateway_error(answer, 401, "invalid_token"));
    ASSERT_THAT(answer.body, HasSubstr("a key its issuer is not known to have"));
  }
  EXPECT_EQ(issuer_.key_fetches(), 2U) << "one at start, one for all of these";
  EXPECT_EQ(client.call(bearer(token())).status(), 200);
}

TEST_F(ClientToken, IsTakenWhileItsIssuerIsOutOfOrder) {
  const TestGateway gateway(yaml(chat_app()));
  ASSERT_EQ(gateway.call(bearer(token())).status(), 200);
  issuer_.out_of_order(true);
  json header = first_signer().header();
  header["kid"] = "made-up";
  EXPECT_TRUE(
      is_gateway_error(gateway.call(bearer(other_signer().token(header, issuer_.claims()))), 401, "invalid_token"))
      << "and the fetch it caused has failed";
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
  const json keys = json::parse(gateway.status())["token_keys"][0];
  EXPECT_EQ(keys["keys"], 1);
  EXPECT_THAT(keys["error"].get<std::string>(), HasSubstr("503"));
  EXPECT_EQ(gateway.admin("GET", "/readyz").status(), 200);
}

TEST_F(ClientToken, CannotBeCheckedWithoutKeysWhichHarmsNobodyElse) {
  issuer_.out_of_order(true);
  const TestGateway gateway(yaml("{name: app, keys: [test-key]}, " + chat_app()));
  const Message answer = gateway.call(bearer(token()));
  EXPECT_TRUE(is_gateway_error(answer, 503, "token_keys_unavailable"));
  EXPECT_TRUE(answer.header("Retry-After"));
  EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(gateway.admin("GET", "/readyz").status(), 200);
  const json keys = json::parse(gateway.status())["token_keys"][0];
  EXPECT_EQ(keys["tenant"], issuer_.id());
  EXPECT_EQ(keys["keys"], 0);
  EXPECT_EQ(keys["fetched_at"], nullptr);
  issuer_.out_of_order(false);
  EXPECT_TRUE(eventually([&] { return gateway.call(bearer(token())).status() == 200; }));
}

TEST_F(ClientToken, IsTakenAfterAReloadWithoutAskingItsIssuer) {
  TestGateway gateway(yaml(chat_app()));
  ASSERT_EQ(gateway.call(bearer(token())).status(), 200);
  issuer_.out_of_order(true);
  ASSERT_EQ(gateway.reload(yaml("{name: app, keys: [test-key]}, " + chat_app())).status(), 200);
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
  EXPECT_EQ(gateway.reload("clients: nonsense\n").status(), 422);
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
  EXPECT_EQ(issuer_.server().request_count(), 2U);
  ASSERT_EQ(gateway.reload(yaml("{name: app, keys: [test-key]}")).status(), 200);
  EXPECT_TRUE(is_gateway_error(gateway.call(bearer(token())), 401, "invalid_api_key"));
}

TEST_F(ClientToken, OfATenantThatAReloadBringsIsTaken) {
  TestGateway gateway(yaml("{name: app, keys: [test-key]}"));
  ASSERT_EQ(gateway.reload(yaml(chat_app())).status(), 200);
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
  EXPECT_EQ(gateway.chat().status(), 401);
}

TEST_F(ClientToken, OfTwoCloudsComesFromTwoIssuers) {
  FakeTenant sovereign;
  sovereign.roll_over({&second_signer()});
  const TestGateway gateway(yaml(chat_app() + ", {name: gov, entra: {tenant_id: " + sovereign.id() +
                                 ", audiences: [spillway], authority: \"" + sovereign.authority() + "\"}}"));
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
  EXPECT_EQ(gateway.call(bearer(second_signer().token(sovereign.claims()))).status(), 200);
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"default\",client=\"gov\",code=\"200\"}", 1));
  EXPECT_TRUE(is_gateway_error(gateway.call(bearer(first_signer().token(sovereign.claims()))), 401, "invalid_token"))
      << "signed by the other cloud";
}

TEST_F(ClientToken, ThatWaitsForKeysDoesNotHoldUpTheEndOfTheGateway) {
  issuer_.hold();
  TestGateway gateway(yaml(chat_app(), "drain_timeout: 100ms\n"));
  RawClient client = gateway.client();
  ASSERT_TRUE(client.send(bearer(token())));
  ASSERT_TRUE(eventually([&] { return issuer_.key_fetches() == 1; }));
  const auto begun = std::chrono::steady_clock::now();
  gateway.stop();
  EXPECT_EQ(gateway.wait(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(4)) << "the wait for keys is cut short";
}

TEST_F(ClientToken, IsForgottenWhenItsClientGoesWhileItWaitsForKeys) {
  issuer_.hold();
  TestGateway gateway(yaml(chat_app()));
  {
    RawClient client = gateway.client();
    ASSERT_TRUE(client.send(request("GET", "/openai/v1/models", {{"Authorization", "Bearer " + token()}})));
    ASSERT_TRUE(eventually([&] { return issuer_.key_fetches() == 1; }));
    client.socket().reset();
  }
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"-\",client=\"-\",code=\"503\"}", 1));
  EXPECT_EQ(backend_.request_count(), 0U);
  issuer_.server().release();
  EXPECT_EQ(gateway.call(bearer(token())).status(), 200);
}

TEST_F(ClientToken, IsInNoAnswerNorStatusNorMetric) {
  const TestGateway gateway(yaml(chat_app()));
  const std::string shown = token();
  EXPECT_EQ(gateway.call(bearer(shown)).status(), 200);
  const Message refused = gateway.call(bearer(token({{"aud", "x"}})));
  const std::string claims = shown.substr(shown.find('.') + 1, 40);
  EXPECT_EQ(gateway.status().find(claims), std::string::npos);
  EXPECT_EQ(gateway.metrics().find(claims), std::string::npos);
  EXPECT_EQ(refused.body.find("eyJ"), std::string::npos);
  EXPECT_EQ(refused.raw_head.find("eyJ"), std::string::npos);
}

}  // namespace
}  // namespace spillway::test
