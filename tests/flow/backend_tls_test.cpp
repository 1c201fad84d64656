#include <gtest/gtest.h>
#include <sys/socket.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

FakeBackend::Options with_tls(const CertificateOptions& certificate = {}) {
  FakeBackend::Options options;
  options.tls = true;
  options.certificate = certificate;
  return options;
}

CertificateOptions expired() {
  CertificateOptions options;
  options.valid_from_days = -10;
  options.valid_to_days = -1;
  return options;
}
CertificateOptions not_yet_valid() {
  CertificateOptions options;
  options.valid_from_days = 1;
  return options;
}
CertificateOptions self_signed() {
  CertificateOptions options;
  options.self_signed = true;
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

struct Untrusted {
  const char* name;
  CertificateOptions certificate;
  bool authority_known;
};
void PrintTo(const Untrusted& untrusted, std::ostream* out) {
  *out << untrusted.name;
}

class UntrustedBackend : public testing::TestWithParam<Untrusted> {};
INSTANTIATE_TEST_SUITE_P(Each, UntrustedBackend,
                         testing::Values(Untrusted{"SelfSigned", self_signed(), true},
                                         Untrusted{"WrongName", named("other.test"), true},
                                         Untrusted{"Expired", expired(), true},
                                         Untrusted{"NotYetValid", not_yet_valid(), true},
                                         Untrusted{"UnknownAuthority", CertificateOptions(), false}),
                         [](const testing::TestParamInfo<Untrusted>& tested) { return tested.param.name; });

TEST_P(UntrustedBackend, GetsNoRequestAndCountsAsTlsError) {
  FakeBackend a(with_tls(GetParam().certificate));
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, GetParam().authority_known ? trusted() : "verify: true"));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;tls, b;200");
  EXPECT_EQ(a.request_count(), 0U);
}

TEST_P(UntrustedBackend, IsAcceptedWhenVerificationIsSwitchedOff) {
  FakeBackend a(with_tls(GetParam().certificate));
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, "verify: false"));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
}

TEST(BackendTls, AFailedHandshakeIsABadGatewayWithoutItsReason) {
  FakeBackend a(with_tls(expired()));
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, trusted(), "retry: {max_attempts: 1}"));
  const Message answer = gateway.chat();
  EXPECT_TRUE(is_gateway_error(answer, 502, "upstream_error"));
  EXPECT_EQ(answer.body.find("certificate"), std::string::npos);
}

TEST(BackendTls, AnotherNameCanBeExpected) {
  FakeBackend a(with_tls(named("resource.test")));
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, trusted() + ", server_name: resource.test"));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;200");
}

TEST(BackendTls, AStalledHandshakeIsATimeout) {
  FakeBackend::Options options = with_tls();
  options.half_handshake = true;
  FakeBackend a(options);
  FakeBackend b;
  const TestGateway gateway(a_then_b(a, b, trusted(), "timeouts: {connect: 150ms}"));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;timeout, b;200");
}

TEST(BackendTls, ABackendThatDoesNotSpeakTlsIsATlsError) {
  FakeBackend a;
  a.on_connect([](Socket& socket) {
    socket.receive();
    socket.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    socket.close();
  });
  FakeBackend b;
  const std::string url = "https://localhost:" + std::to_string(a.port());
  const TestGateway gateway(clients_yaml() + backends_yaml({url, b.url()}) + pool_yaml("ab", no_circuits) +
                            "response_headers: {attempts: true}\n");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;tls, b;200");
}

TEST(BackendTls, AnAnswerEndedByCloseIsWholeOnlyWithTheCloseAlert) {
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
