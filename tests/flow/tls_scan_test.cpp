#include <gtest/gtest.h>

#include <set>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "tls_client.hpp"

// What a scanner would look for at an HTTPS listener, and handshakes that no honest client makes.
namespace spillway::test {
namespace {

class TlsScan : public testing::Test {
 protected:
  struct Free {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
  };
  // Every suite of TLS 1.2 and before that the library of this test knows.
  static std::set<std::string> all_suites() {
    TlsClientSide side;
    side.versions(TLS1_VERSION, TLS1_2_VERSION).ciphers_1_2("ALL:COMPLEMENTOFALL:@SECLEVEL=0");
    const std::unique_ptr<SSL, Free> ssl(SSL_new(side.context()));
    std::set<std::string> names;
    const STACK_OF(SSL_CIPHER)* const suites = SSL_get_ciphers(ssl.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
      const std::string name = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(suites, i));
      if (!name.starts_with("TLS_")) names.insert(name);
    }
    return names;
  }
  // The newest session of a connection that was served.
  std::unique_ptr<SSL_SESSION, Free> session(TlsClientSide& side) {
    std::optional<RawClient> client = side.connect(gateway_.port());
    EXPECT_TRUE(client && client->call(chat_request()).status() == 200);
    return std::unique_ptr<SSL_SESSION, Free>(client ? SSL_get1_session(client->socket().ssl()) : nullptr);
  }

  FakeBackend backend_;
  TestGateway gateway_{clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a"),
                       with_listeners(https_listener(make_certificate()))};
};

TEST_F(TlsScan, T01OfAllSuitesOfTls12OnlyTheForwardSecretAeadOnesAreTaken) {
  const std::set<std::string> expected = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                                          "ECDHE-ECDSA-CHACHA20-POLY1305"};
  const std::set<std::string> offered = all_suites();
  ASSERT_GT(offered.size(), 50U);
  std::set<std::string> taken;
  for (const std::string& suite : offered) {
    TlsClientSide side;
    side.versions(TLS1_2_VERSION, TLS1_2_VERSION).ciphers_1_2((suite + ":@SECLEVEL=0").c_str());
    if (side.connect(gateway_.port())) taken.insert(suite);
  }
  EXPECT_EQ(taken, expected);
}

TEST_F(TlsScan, T01NothingIsCompressed) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientSide side;
    SSL_CTX_clear_options(side.context(), SSL_OP_NO_COMPRESSION);
    std::optional<RawClient> client = side.versions(version, version).connect(gateway_.port());
    ASSERT_TRUE(client);
    EXPECT_EQ(SSL_get_current_compression(client->socket().ssl()), nullptr);
  }
}

TEST_F(TlsScan, T03EveryResumptionGetsATicketOfItsOwn) {
  TlsClientSide side;
  std::set<std::string> tickets;
  for (int i = 0; i < 5; ++i) {
    std::optional<RawClient> client = side.connect(gateway_.port(), true);
    ASSERT_TRUE(client);
    EXPECT_EQ(SSL_session_reused(client->socket().ssl()), i == 0 ? 0 : 1);
    EXPECT_EQ(client->call(chat_request()).status(), 200);
    const unsigned char* bytes = nullptr;
    std::size_t size = 0;
    SSL_SESSION_get0_ticket(SSL_get0_session(client->socket().ssl()), &bytes, &size);
    tickets.insert(std::string(reinterpret_cast<const char*>(bytes), size));
  }
  EXPECT_EQ(tickets.size(), 5U);
}

// A request in early data could be played back by whoever recorded it.
TEST_F(TlsScan, T03EarlyDataThatIsSentAllTheSameIsNotARequest) {
  TlsClientSide side;
  const std::unique_ptr<SSL_SESSION, Free> kept = session(side);
  ASSERT_TRUE(kept);
  const std::unique_ptr<SSL_SESSION, Free> insisting(SSL_SESSION_dup(kept.get()));
  SSL_SESSION_set_max_early_data(insisting.get(), 16384);
  Socket socket = Socket::connect(gateway_.port());
  const std::unique_ptr<SSL, Free> ssl(SSL_new(side.context()));
  SSL_set_fd(ssl.get(), socket.descriptor());
  SSL_set_connect_state(ssl.get());
  ASSERT_EQ(SSL_set_session(ssl.get(), insisting.get()), 1);
  std::size_t written = 0;
  const std::string early = chat_request();
  ASSERT_EQ(SSL_write_early_data(ssl.get(), early.data(), early.size(), &written), 1);
  if (SSL_do_handshake(ssl.get()) == 1) {
    EXPECT_EQ(SSL_get_early_data_status(ssl.get()), SSL_EARLY_DATA_REJECTED);
    const std::string bytes = request("GET", "/after", {});
    ASSERT_GT(SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size())), 0);
    std::string answer(64, '\0');
    EXPECT_GT(SSL_read(ssl.get(), answer.data(), static_cast<int>(answer.size())), 0);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 401")) << answer;
  }
  EXPECT_EQ(backend_.request_count(), 1U) << "that of the first connection";
}

// OpenSSL's own client ends a name at a NUL, so one is put into its ClientHello.
TEST_F(TlsScan, T04ANameWithANulHarmsNothing) {
  TlsClientSide side;
  const std::unique_ptr<SSL, Free> ssl(SSL_new(side.context()));
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
  SSL_set_tlsext_host_name(ssl.get(), "localhost#.test");
  SSL_connect(ssl.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  std::string hello(bytes, static_cast<std::size_t>(size));
  const std::size_t mark = hello.find("localhost#.test");
  ASSERT_NE(mark, std::string::npos);
  hello[mark + 9] = '\0';
  RawClient client = gateway_.client();
  client.send(hello);
  const std::string answer = client.socket().receive();
  ASSERT_FALSE(answer.empty());
  EXPECT_TRUE(answer[0] == 0x15 || answer[0] == 0x16) << "an alert or a ServerHello";
  client.socket().close();
  EXPECT_TRUE(TlsClientSide().is_served(gateway_.port()));
  EXPECT_TRUE(reaches(gateway_, "spillway_client_connections", 0));
}

}  // namespace
}  // namespace spillway::test
