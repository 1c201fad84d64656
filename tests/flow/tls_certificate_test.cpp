#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "fake_backend.hpp"
#include "servers.hpp"
#include "tls_client.hpp"

// Client certificates, and certificates that change while the gateway runs.
namespace spillway::test {
namespace {

class TlsCertificate : public testing::Test {
 protected:
  std::string yaml() { return clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a"); }
  FakeBackend backend_;
};

TEST_F(TlsCertificate, T06AClientCertificateIsRequiredWhereACaIsGiven) {
  const TestGateway gateway(yaml(), with_listeners(https_listener(make_certificate(), "client_ca: " + test_ca_file())));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_FALSE(TlsClientSide().versions(version, version).is_served(gateway.port())) << "absent";
    EXPECT_TRUE(TlsClientSide().versions(version, version).certificate(make_certificate()).is_served(gateway.port()));
    CertificateOptions foreign;
    foreign.self_signed = true;
    EXPECT_FALSE(
        TlsClientSide().versions(version, version).certificate(make_certificate(foreign)).is_served(gateway.port()));
    CertificateOptions expired;
    expired.valid_from_days = -10;
    expired.valid_to_days = -1;
    EXPECT_FALSE(
        TlsClientSide().versions(version, version).certificate(make_certificate(expired)).is_served(gateway.port()));
  }
  EXPECT_EQ(backend_.request_count(), 2U);
}

TEST_F(TlsCertificate, T03ASessionWithAClientCertificateIsResumed) {
  const TestGateway gateway(yaml(), with_listeners(https_listener(make_certificate(), "client_ca: " + test_ca_file())));
  TlsClientSide side;
  side.certificate(make_certificate());
  EXPECT_TRUE(side.is_served(gateway.port()));
  auto again = side.connect(gateway.port(), true);
  ASSERT_TRUE(again);
  EXPECT_EQ(SSL_session_reused(again->socket().ssl()), 1);
  EXPECT_EQ(again->call(chat_request()).status(), 200);
}

// The configuration names the same files before and after; their contents change.
class ReplacedCertificate : public TlsCertificate {
 protected:
  void replace(const CertificateFiles& with) {
    const auto overwrite = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(with.certificate, files_.certificate, overwrite);
    std::filesystem::copy_file(with.private_key, files_.private_key, overwrite);
  }
  TemporaryFolder folder_;
  CertificateFiles files_{folder_.write("tls.crt", ""), folder_.write("tls.key", "")};
};

TEST_F(ReplacedCertificate, T05IsShownToNewConnectionsWhileAnOldOneGoesOn) {
  replace(make_certificate());
  TestGateway gateway(yaml(), with_listeners(https_listener(files_)));
  TlsClientSide side;
  auto old = side.connect(gateway.port());
  ASSERT_TRUE(old);
  EXPECT_EQ(old->call(chat_request()).status(), 200);
  const long before = shown_serial(*old);

  replace(make_certificate());
  EXPECT_EQ(gateway.reload(yaml()).status(), 200);
  EXPECT_EQ(old->call(chat_request()).status(), 200);
  auto fresh = side.connect(gateway.port());
  ASSERT_TRUE(fresh);
  EXPECT_NE(shown_serial(*fresh), before);
  EXPECT_EQ(fresh->call(chat_request()).status(), 200);
  auto resumed = side.connect(gateway.port(), true);
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->call(chat_request()).status(), 200);
}

TEST_F(ReplacedCertificate, T05ThatIsBrokenLeavesTheOldOneInPlace) {
  replace(make_certificate());
  TestGateway gateway(yaml(), with_listeners(https_listener(files_)));
  folder_.write("tls.crt", "no certificate");
  EXPECT_EQ(gateway.reload(yaml()).status(), 422);
  EXPECT_TRUE(TlsClientSide().is_served(gateway.port()));
}

TEST_F(ReplacedCertificate, T05AHundredTimesUnderLoadFailsNoRequest) {
  replace(make_certificate());
  TestGateway gateway(yaml(), with_listeners(https_listener(files_)));
  std::atomic<bool> done = false;
  std::atomic<int> failed = 0;
  std::atomic<int> served = 0;
  std::thread load([&] {
    TlsClientSide side;
    while (!done) ++(side.is_served(gateway.port()) ? served : failed);
  });
  for (int i = 0; i < 100; ++i) {
    replace(make_certificate());
    EXPECT_EQ(gateway.reload(yaml()).status(), 200);
  }
  EXPECT_TRUE(eventually([&] { return served > 0; }));
  done = true;
  load.join();
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace spillway::test
