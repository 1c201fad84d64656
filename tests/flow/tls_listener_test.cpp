#include <gtest/gtest.h>
#include <unistd.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "tls_client.hpp"

// What an HTTPS listener accepts and refuses.
namespace spillway::test {
namespace {

class TlsListener : public testing::Test {
 protected:
  TestGateway::Options server(const std::string& more = "") { return with_listeners(https_listener(files_, more)); }
  std::string yaml() { return clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a"); }

  CertificateFiles files_ = make_certificate();
  FakeBackend backend_;
};

TEST_F(TlsListener, T01Tls12And13AreServedAndOlderOnesAreNot) {
  const TestGateway gateway(yaml(), server());
  EXPECT_TRUE(TlsClientSide().versions(TLS1_2_VERSION, TLS1_2_VERSION).is_served(gateway.port()));
  EXPECT_TRUE(TlsClientSide().versions(TLS1_3_VERSION, TLS1_3_VERSION).is_served(gateway.port()));
  for (const int old : {TLS1_VERSION, TLS1_1_VERSION}) {
    TlsClientSide side;
    side.versions(old, old).ciphers_1_2("ALL:@SECLEVEL=0");
    EXPECT_FALSE(side.connect(gateway.port())) << std::hex << old;
  }
  EXPECT_TRUE(TlsClientSide().is_served(gateway.port())) << "the refused ones did no harm";
}

TEST_F(TlsListener, T01Tls12IsRefusedWhere13IsRequired) {
  const TestGateway gateway(yaml(), server("min_version: \"1.3\""));
  EXPECT_FALSE(TlsClientSide().versions(TLS1_2_VERSION, TLS1_2_VERSION).connect(gateway.port()));
  EXPECT_TRUE(TlsClientSide().versions(TLS1_3_VERSION, TLS1_3_VERSION).is_served(gateway.port()));
}

TEST_F(TlsListener, HttpIsChosenByAlpnAndAnythingElseRefused) {
  const TestGateway gateway(yaml(), server());
  TlsClientSide both;
  auto client = both.alpn("\x02h2\x08http/1.1").connect(gateway.port());
  ASSERT_TRUE(client);
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client->socket().ssl(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  EXPECT_FALSE(TlsClientSide().alpn("\x02h2").connect(gateway.port()));
  EXPECT_FALSE(TlsClientSide().alpn("\x04smtp").connect(gateway.port()));
}

TEST_F(TlsListener, T03SessionsAreResumedInBothVersions) {
  const TestGateway gateway(yaml(), server());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientSide side;
    side.versions(version, version);
    EXPECT_TRUE(side.is_served(gateway.port()));
    auto again = side.connect(gateway.port(), true);
    ASSERT_TRUE(again);
    EXPECT_EQ(SSL_session_reused(again->socket().ssl()), 1);
    EXPECT_EQ(again->call(chat_request()).status(), 200);
  }
}

TEST_F(TlsListener, T03EarlyDataIsNotOffered) {
  const TestGateway gateway(yaml(), server());
  TlsClientSide side;
  auto client = side.connect(gateway.port());
  ASSERT_TRUE(client);
  EXPECT_EQ(client->call(chat_request()).status(), 200);
  auto again = side.connect(gateway.port(), true);
  ASSERT_TRUE(again);
  EXPECT_EQ(SSL_SESSION_get_max_early_data(SSL_get0_session(again->socket().ssl())), 0U);
}

TEST_F(TlsListener, T01RenegotiationIsRefused) {
  const TestGateway gateway(yaml(), server());
  TlsClientSide side;
  auto client = side.versions(TLS1_2_VERSION, TLS1_2_VERSION).connect(gateway.port());
  ASSERT_TRUE(client);
  SSL* ssl = client->socket().ssl();
  SSL_renegotiate(ssl);
  EXPECT_NE(SSL_do_handshake(ssl), 1);
}

TEST_F(TlsListener, T04AnyServerNameGetsTheCertificate) {
  const TestGateway gateway(yaml(), server());
  for (const std::string& name :
       {std::string(), std::string("unknown.test"), std::string(255, 'a'), std::string("a..b"), std::string("*"),
        std::string("xn--\xFF"), std::string("127.0.0.1"), std::string("localhost.")}) {
    EXPECT_TRUE(TlsClientSide().server_name(name).is_served(gateway.port())) << name;
  }
}

TEST_F(TlsListener, LargeBodiesPassBothWays) {
  backend_.always([](FakeBackend::Turn& turn) { turn.reply(200, {}, turn.request().body); });
  const TestGateway gateway(yaml(), server());
  std::string body;
  for (int i = 0; body.size() < (5 << 20); ++i) body += std::to_string(i);
  TlsClientSide side;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto client = side.versions(version, version).connect(gateway.port());
    ASSERT_TRUE(client);
    for (int round = 0; round < 2; ++round) {
      const Message answer =
          client->call(request("POST", "/openai/deployments/gpt-4o/x", {{"api-key", "test-key"}}, body));
      EXPECT_TRUE(answer.body == body) << "of " << answer.body.size() << " bytes";
    }
  }
}

TEST_F(TlsListener, AnAnswerLargerThanTheSocketBuffersPassesASlowReader) {
  backend_.always([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    for (int i = 0; i < 64; ++i) turn.chunk(std::string(64 << 10, static_cast<char>('a' + i % 26)));
    turn.end_stream();
  });
  const TestGateway gateway(yaml(), server());
  TlsClientSide side;
  auto client = side.connect(gateway.port());
  ASSERT_TRUE(client);
  client->socket().set_receive_buffer(64 << 10);
  const Message answer = client->call(chat_request());
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body.size(), 4U << 20U);
  EXPECT_EQ(client->call(request("GET", "/x", {})).status(), 401) << "and the connection goes on";
}

TEST_F(TlsListener, KeyUpdatesInTheMiddleOfARequestAreNoTrouble) {
  const TestGateway gateway(yaml(), server());
  TlsClientSide side;
  auto client = side.versions(TLS1_3_VERSION, TLS1_3_VERSION).connect(gateway.port());
  ASSERT_TRUE(client);
  const std::string bytes = chat_request();
  client->send(bytes.substr(0, 40));
  SSL_key_update(client->socket().ssl(), SSL_KEY_UPDATE_REQUESTED);
  client->send(bytes.substr(40));
  EXPECT_EQ(client->receive().status(), 200);
  EXPECT_EQ(client->call(chat_request()).status(), 200);
}

TEST_F(TlsListener, PipelinedRequestsInOneRecordAreAllAnswered) {
  backend_.always([](FakeBackend::Turn& turn) { turn.reply(200, {}, turn.request().header("x-number").value_or("")); });
  const TestGateway gateway(yaml(), server());
  TlsClientSide side;
  auto client = side.connect(gateway.port());
  ASSERT_TRUE(client);
  std::string all;
  for (int i = 0; i < 100; ++i) all += chat_request("gpt-4o", {{"x-number", std::to_string(i)}});
  client->send(all);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client->receive().body, std::to_string(i));
}

TEST_F(TlsListener, GarbageAndBrokenRecordsEndOnlyTheirConnection) {
  const TestGateway gateway(yaml(), server());
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x40\x01", 5) + std::string(0x4001, 'x'), std::string(1000, '\0'),
        std::string("\x15\x03\x03\x00\x02\x02\x28", 7), std::string("\x80\x2e\x01\x00\x02", 5)}) {
    RawClient client = gateway.client();
    client.send(bytes);
    client.socket().shutdown_send();
    client.socket().receive_all();
    EXPECT_FALSE(client.socket().timed_out());
  }
  TlsClientSide side;
  auto client = side.connect(gateway.port());
  ASSERT_TRUE(client);
  const std::string broken("\x17\x03\x03\x00\x20" + std::string(32, 'x'));
  ASSERT_EQ(::write(client->socket().descriptor(), broken.data(), broken.size()), ssize_t(broken.size()));
  EXPECT_EQ(client->receive().status(), 0);
  EXPECT_TRUE(TlsClientSide().is_served(gateway.port()));
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 0; }));
}

}  // namespace
}  // namespace spillway::test
