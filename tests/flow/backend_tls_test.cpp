#include <gtest/gtest.h>
#include <sys/socket.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "fault.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

FakeBackend::Options with_tls(const CertificateOptions& certificate = {}) {
  FakeBackend::Options options;
  options.tls = true;
  options.certificate = certificate;
  return options;
}

CertificateOptions named(const std::string& name) {
  CertificateOptions options;
  options.name = name;
  return options;
}

// `a` over TLS with these settings, `b` plain.
std::string a_then_b(const FakeBackend& a, const FakeBackend& b, const std::string& tls,
                     const std::string& more = "timeouts: {connect: 5s}") {
  return clients_yaml() + "backends:\n  - {name: a, url: \"" + a.url() + "\", tls: {" + tls +
         "}}\n  - {name: b, url: \"" + b.url() + "\"}\n" + pool_yaml("ab", std::string(no_circuits) + ", " + more) +
         "response_headers: {attempts: true}\n";
}

std::string trusted() {
  return "ca: \"" + test_ca_file() + "\"";
}

TEST(BackendTls, ATrustedCertificateWithTheRightNameIsAccepted) {
  FakeBackend a(with_tls());
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, trusted()));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
}

TEST(BackendTls, ManyRequestsShareOneConnection) {
  FakeBackend a(with_tls());
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, trusted()));
  RawClient client = gateway.client();
  int of_a = 0;
  for (int i = 0; i < 20; ++i) of_a += client.call(chat_request()).header("x-attempts") == "a;200";
  EXPECT_EQ(of_a, 10);
  EXPECT_EQ(a.connection_count(), 1U);
}

std::vector<Fault> untrusted() {
  std::vector<Fault> found = faults();
  std::erase_if(found, [](const Fault& fault) { return !fault.name.starts_with("U08"); });
  return found;
}

// That they are refused when they are verified is a test of all faults.
class UntrustedBackend : public testing::TestWithParam<Fault> {};
INSTANTIATE_TEST_SUITE_P(Each, UntrustedBackend, testing::ValuesIn(untrusted()),
                         [](const testing::TestParamInfo<Fault>& tested) { return tested.param.test_name(); });

TEST_P(UntrustedBackend, T07IsAcceptedWhenVerificationIsSwitchedOff) {
  FakeBackend a(with_tls(GetParam().certificate));
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, "verify: false"));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
}

TEST(BackendTls, AnotherNameCanBeExpected) {
  FakeBackend a(with_tls(named("resource.test")));
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, trusted() + ", server_name: resource.test"));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
}

TEST(BackendTls, U10AnAnswerWithALengthIsWholeWithoutTheCloseAlertAndAChunkedOneWithItsEnd) {
  for (const char* bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n"}) {
    FakeBackend a(with_tls());
    FakeBackend b;
    a.always([bytes](FakeBackend::Turn& turn) {
      turn.socket().send(bytes);
      turn.cut();
    });
    const TestGateway gateway(a_then_b(a, b, trusted()));
    for (int i = 0; i < 4; ++i) {
      const Message answer = gateway.chat();
      EXPECT_TRUE(answer.complete);
      EXPECT_EQ(answer.body, i % 2 == 0 ? "whole" : "{\"backend\":" + std::to_string(b.port()) + "}");
    }
  }
}

TEST(BackendTls, U10AnAnswerEndedByCloseIsWholeOnlyWithTheCloseAlert) {
  FakeBackend a(with_tls());
  FakeBackend b;
  a.then([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\n\r\nwhole");
    turn.close();
  });
  a.then([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\n\r\ncut");
    ::shutdown(turn.socket().descriptor(), SHUT_WR);
    turn.wait_for_close();
  });
  const TestGateway gateway(clients_yaml() + "backends:\n  - {name: a, url: \"" + a.url() + "\", tls: {" + trusted() +
                            "}}\n" + pool_yaml("a"));
  const Message whole = gateway.chat();
  EXPECT_TRUE(whole.complete);
  EXPECT_EQ(whole.body, "whole");
  const Message cut = gateway.chat();
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(cut.body, "cut");
}

}  // namespace
}  // namespace spillway::test
