#include <gtest/gtest.h>

#include "fake_backend.hpp"
#include "servers.hpp"

// TLS sessions with backends are resumed, so that a new connection costs no full handshake.
namespace spillway::test {
namespace {

class BackendSession : public testing::TestWithParam<int> {
 protected:
  static FakeBackend::Options options(bool tickets) {
    FakeBackend::Options options;
    options.tls = true;
    options.configure = [tickets, version = GetParam()](SSL_CTX* context) {
      SSL_CTX_set_min_proto_version(context, version);
      SSL_CTX_set_max_proto_version(context, version);
      if (!tickets) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    };
    return options;
  }
  static std::string yaml(const FakeBackend& backend) {
    return clients_yaml() + "backends: [{name: a, url: \"" + backend.url() + "\", tls: {ca: " + test_ca_file() +
           "}}]\n" + pool_yaml("a");
  }
};

TEST_P(BackendSession, IsResumedOnTheNextConnection) {
  FakeBackend backend(options(true));
  backend.always_reply(200, {{"Connection", "close"}});
  const TestGateway gateway(yaml(backend), one_worker());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(backend.connection_count(), 5U);
  EXPECT_EQ(backend.resumed_count(), 4U);
}

TEST_P(BackendSession, IsResumedWhenTheServerKeepsIt) {
  FakeBackend backend(options(false));
  backend.always_reply(200, {{"Connection", "close"}});
  const TestGateway gateway(yaml(backend), one_worker());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(backend.resumed_count(), 2U);
}

TEST_P(BackendSession, TicketsThatComeAfterTheAnswerDoNotSpoilTheConnection) {
  FakeBackend backend(options(true));
  const TestGateway gateway(yaml(backend), one_worker());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(backend.connection_count(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Versions, BackendSession, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

}  // namespace
}  // namespace spillway::test
