#include <gtest/gtest.h>

#include "fake_backend.hpp"
#include "servers.hpp"

// Where a gateway listens.
namespace spillway::test {
namespace {

class Addresses : public testing::Test {
 protected:
  std::string yaml() { return clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a"); }
  FakeBackend backend_;
};

TEST_F(Addresses, SeveralListenersPlainAndTlsServeTheSame) {
  const CertificateFiles files = make_certificate();
  const TestGateway gateway(
      yaml(), with_listeners("{address: \"127.0.0.1:0\"}, {address: \"localhost:0\"}, " + https_listener(files)));
  EXPECT_EQ(RawClient(gateway.port(0)).call(chat_request()).status(), 200);
  EXPECT_EQ(RawClient(gateway.port(1)).call(chat_request()).status(), 200);
  RawClient secure(gateway.port(2));
  ASSERT_TRUE(secure.socket().start_tls_client(test_ca_file(), "localhost"));
  EXPECT_EQ(secure.call(chat_request()).status(), 200);
}

TEST_F(Addresses, AnIpv6ListenerServesIpv6) {
  const TestGateway gateway(yaml(), with_listeners("{address: \"[::1]:0\"}"));
  RawClient client(Socket::connect_v6(gateway.port()));
  ASSERT_TRUE(client.socket().open());
  EXPECT_EQ(client.call(chat_request()).status(), 200);
  EXPECT_FALSE(Socket::connect(gateway.port()).open()) << "and IPv6 only";
}

TEST_F(Addresses, AnIpv6BackendIsReached) {
  const TestGateway inner(yaml(), with_listeners("{address: \"[::1]:0\"}"));
  const std::string url = "http://[::1]:" + std::to_string(inner.port());
  const TestGateway outer("clients: [{name: app, keys: [test-key]}]\nbackends: [{name: a, url: \"" + url +
                          "\", auth: {api_key: test-key}}]\n" + pool_yaml("a"));
  EXPECT_EQ(outer.chat().status(), 200);
  EXPECT_EQ(backend_.request_count(), 1U);
}

TEST_F(Addresses, PlainHttpOnATlsListenerIsNotAnswered) {
  const TestGateway gateway(yaml(), with_listeners(https_listener(make_certificate())));
  RawClient client = gateway.client();
  EXPECT_EQ(client.call(chat_request()).status(), 0);
  EXPECT_FALSE(client.socket().timed_out());
  EXPECT_EQ(backend_.request_count(), 0U);
}

}  // namespace
}  // namespace spillway::test
