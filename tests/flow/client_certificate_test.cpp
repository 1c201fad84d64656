#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "fake_tenant.hpp"
#include "servers.hpp"
#include "tls_client.hpp"

// Clients that show a TLS certificate.
namespace spillway::test {
namespace {

CertificateFiles named(const std::string& name) {
  CertificateOptions options;
  options.name = name;
  return make_certificate(options);
}

std::string bare(const Headers& headers = {}) {
  return request("POST", "/openai/v1/chat/completions", headers, "{\"model\":\"gpt-4o\"}");
}

class ClientCertificate : public testing::Test {
 protected:
  static TestGateway::Options server() {
    return with_listeners(https_listener(make_certificate(), "client_ca: " + test_ca_file()) + ", " +
                          https_listener(make_certificate()));
  }
  std::string yaml(const std::string& clients) const {
    return "clients: [" + clients + "]\n" + backends_yaml({backend_.url()}) + pool_yaml("a");
  }
  static std::string series(const std::string& client) {
    return "spillway_requests_total{route=\"default\",client=\"" + client + "\",code=\"200\"}";
  }

  const std::string both_ =
      "{name: chat, certificate: {san: chat.example}}, {name: ops, certificate: {subject: CN=ops}}";
  FakeBackend backend_;
};

TEST_F(ClientCertificate, ProvesWhoTheClientIs) {
  const TestGateway gateway(yaml(both_), server());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const char* name : {"chat.example", "ops"}) {
      TlsClientSide side;
      auto client = side.versions(version, version).certificate(named(name)).connect(gateway.port());
      ASSERT_TRUE(client);
      for (int i = 0; i < 2; ++i) EXPECT_EQ(client->call(bare()).status(), 200) << name;
    }
  }
  EXPECT_TRUE(reaches(gateway, series("chat"), 4));
  EXPECT_TRUE(reaches(gateway, series("ops"), 4));
}

TEST_F(ClientCertificate, T06OfNobodyKnownIsNotEnough) {
  const TestGateway gateway(yaml(both_ + ", {name: app, keys: [test-key]}"), server());
  TlsClientSide side;
  auto client = side.certificate(named("stranger.example")).connect(gateway.port());
  ASSERT_TRUE(client);
  EXPECT_TRUE(is_gateway_error(client->call(bare()), 401, "missing_api_key"));
  EXPECT_TRUE(is_gateway_error(client->call(bare({{"api-key", "wrong"}})), 401, "invalid_api_key"));
  EXPECT_EQ(client->call(chat_request()).status(), 200) << "with a key it is";
}

TEST_F(ClientCertificate, GoesBehindAKeyAndBeforeARefusal) {
  const TestGateway gateway(yaml(both_ + ", {name: app, keys: [test-key]}"), server());
  TlsClientSide side;
  auto client = side.certificate(named("chat.example")).connect(gateway.port());
  ASSERT_TRUE(client);
  EXPECT_EQ(client->call(bare({{"api-key", "test-key"}})).status(), 200);
  EXPECT_TRUE(reaches(gateway, series("app"), 1));
  EXPECT_EQ(client->call(bare({{"Authorization", "Bearer unused"}})).status(), 200) << "as SDKs send that want a key";
  EXPECT_TRUE(reaches(gateway, series("chat"), 1));
}

TEST_F(ClientCertificate, GoesBehindAToken) {
  FakeTenant issuer;
  const TestGateway gateway(yaml(both_ + ", {name: tokens, entra: {tenant_id: " + issuer.id() +
                                 ", audiences: [spillway], authority: \"" + issuer.authority() + "\"}}"),
                            server());
  TlsClientSide side;
  auto client = side.certificate(named("chat.example")).connect(gateway.port());
  ASSERT_TRUE(client);
  nlohmann::json claims = issuer.claims();
  EXPECT_EQ(client->call(bare({{"Authorization", "Bearer " + routing::test::first_signer().token(claims)}})).status(),
            200);
  EXPECT_TRUE(reaches(gateway, series("tokens"), 1));
  claims["aud"] = "other";
  EXPECT_EQ(client->call(bare({{"Authorization", "Bearer " + routing::test::first_signer().token(claims)}})).status(),
            200);
  EXPECT_TRUE(reaches(gateway, series("chat"), 1));
}

TEST_F(ClientCertificate, IsKnownAgainWhenItsSessionIsResumed) {
  const TestGateway gateway(yaml(both_), server());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientSide side;
    side.versions(version, version).certificate(named("chat.example"));
    auto first = side.connect(gateway.port());
    ASSERT_TRUE(first);
    EXPECT_EQ(first->call(bare()).status(), 200);
    auto again = side.connect(gateway.port(), true);
    ASSERT_TRUE(again);
    ASSERT_EQ(SSL_session_reused(again->socket().ssl()), 1);
    EXPECT_EQ(again->call(bare()).status(), 200);
  }
  EXPECT_TRUE(reaches(gateway, series("chat"), 4));
}

TEST_F(ClientCertificate, IsNotMadeUpByASessionOfAnotherListener) {
  const TestGateway gateway(yaml(both_), server());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientSide side;
    side.versions(version, version).certificate(named("chat.example"));
    auto open = side.connect(gateway.port(1));
    ASSERT_TRUE(open);
    EXPECT_TRUE(is_gateway_error(open->call(bare()), 401, "missing_api_key")) << "it was not asked for one";
    auto other = side.connect(gateway.port(0), true);
    ASSERT_TRUE(other);
    EXPECT_EQ(SSL_session_reused(other->socket().ssl()), 0);
    EXPECT_EQ(other->call(bare()).status(), 200);
    auto back = side.connect(gateway.port(1), true);
    ASSERT_TRUE(back);
    EXPECT_EQ(SSL_session_reused(back->socket().ssl()), 0);
    EXPECT_TRUE(is_gateway_error(back->call(bare()), 401, "missing_api_key"));
  }
}

TEST_F(ClientCertificate, T06IsVerifiedAnewAfterAReload) {
  TestGateway gateway(yaml(both_), server());
  TlsClientSide side;
  side.certificate(named("chat.example"));
  auto first = side.connect(gateway.port());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->call(bare()).status(), 200);
  ASSERT_EQ(gateway.reload(yaml("{name: ops, certificate: {subject: CN=ops}}")).status(), 200);
  EXPECT_TRUE(is_gateway_error(first->call(bare()), 401, "missing_api_key"))
      << "the connection goes on, the client not";
  auto again = side.connect(gateway.port(), true);
  ASSERT_TRUE(again);
  EXPECT_EQ(SSL_session_reused(again->socket().ssl()), 0) << "another client_ca may be in force";
}

TEST_F(ClientCertificate, OpensOnlyTheRoutesOfItsClient) {
  const TestGateway gateway(
      yaml("{name: chat, certificate: {san: chat.example}, routes: [chat]}") +
          "routes: [{name: chat, match: {path: /openai/v1/chat}, pool: openai}, {name: rest, pool: openai}]\n",
      server());
  TlsClientSide side;
  auto client = side.certificate(named("chat.example")).connect(gateway.port());
  ASSERT_TRUE(client);
  EXPECT_EQ(client->call(bare()).status(), 200);
  EXPECT_TRUE(is_gateway_error(client->call(request("GET", "/openai/v1/models", {})), 403, "route_not_allowed"));
}

}  // namespace
}  // namespace spillway::test
