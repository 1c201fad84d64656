#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificate.hpp"
#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;

Loaded with_listeners(const std::string& yaml, const test::Map& contents = {}) {
  return test::load(test::anonymous + test::backends + test::pools + yaml, {{"PORT", "8081"}}, contents);
}

Lines wrong(const std::string& yaml, const test::Map& contents = {}) {
  return test::lines(with_listeners(yaml, contents).problems);
}

std::string address(const std::string& text) {
  const Loaded loaded = with_listeners("listeners: [{address: '" + text + "'}]\n");
  return loaded.config ? loaded.config->listeners.at(0).address.text() : "refused";
}

TEST(Listeners, TakeLiteralAddresses) {
  EXPECT_EQ(address("0.0.0.0:8443"), "0.0.0.0:8443");
  EXPECT_EQ(address("127.0.0.1:0"), "127.0.0.1:0");
  EXPECT_EQ(address("[::]:8443"), "[::]:8443");
  EXPECT_EQ(address("[::1]:65535"), "[::1]:65535");
  EXPECT_EQ(address("[FE80:0:0:0::1]:1"), "[fe80::1]:1");
  EXPECT_EQ(address("localhost:80"), "127.0.0.1:80");
  EXPECT_EQ(address("127.0.0.1:${PORT}"), "127.0.0.1:8081");
}

TEST(Listeners, RefuseEverythingElse) {
  for (const char* text :
       {"8080", ":8080", "0.0.0.0", "0.0.0.0:", "0.0.0.0:65536", "0.0.0.0:-1", "0.0.0.0:80a", "::1:80", "[::1]",
        "[::1]80", "[::g]:80", "[127.0.0.1]:80", "example.org:80", "1.2.3:80", "256.0.0.1:80", "[::1:80"}) {
    EXPECT_EQ(address(text), "refused") << text;
  }
}

TEST(Listeners, HaveDifferentAddresses) {
  EXPECT_THAT(wrong("listeners: [{address: '127.0.0.1:80'}, {address: 'localhost:80'}]\n"),
              ElementsAre("f.yaml:4:50: listeners[1].address: the address is taken by listeners[0].address (line 4)"));
  EXPECT_THAT(wrong("listeners: [{address: '0.0.0.0:80'}, {address: '127.0.0.1:80'}]\n"),
              ElementsAre("f.yaml:4:48: listeners[1].address: the address is taken by listeners[0].address (line 4)"));
  EXPECT_THAT(wrong("listeners: [{address: '127.0.0.1:0'}, {address: '127.0.0.1:0'}, {address: '[::]:80'}, {address: "
                    "'0.0.0.0:80'}]\n"),
              ElementsAre());
}

TEST(Listeners, DoNotShareTheirAddressWithTheAdminListener) {
  EXPECT_THAT(wrong("listeners: [{address: '127.0.0.1:80'}]\nadmin: {address: '127.0.0.1:80'}\n"),
              ElementsAre("f.yaml:5:18: admin.address: the address is taken by listeners[0].address (line 4)"));
  EXPECT_THAT(wrong("listeners: [{address: '127.0.0.1:0'}]\nadmin: {address: '127.0.0.1:0'}\n"), ElementsAre());
}

TEST(Listeners, NeedAnAddressAndSoDoesAdmin) {
  EXPECT_THAT(wrong("listeners: []\nadmin: {}\n"),
              ElementsAre("f.yaml:4:12: listeners: 0 items (expected: list of listeners, 1 to 64)",
                          "f.yaml:5:8: admin.address: missing (host:port)"));
}

TEST(Listeners, CheckTheirCertificates) {
  const test::Certificate one = test::make_certificate();
  const test::Certificate two = test::make_certificate();
  const test::Map contents = {{"/one.crt", one.certificate},
                              {"/one.key", one.key},
                              {"/two.key", two.key},
                              {"/text", "hello"},
                              {"/broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
                              {"/locked", test::encrypted_key()}};
  const auto tls = [](const std::string& keys) {
    return "listeners:\n- address: 127.0.0.1:0\n  tls: {" + keys + "}\n";
  };
  const Loaded good = with_listeners(
      tls("certificate: /one.crt, private_key: /one.key, min_version: \"1.3\", client_ca: /one.crt"), contents);
  EXPECT_EQ(test::lines(good.problems), Lines{});
  EXPECT_EQ(test::lines(good.warnings), Lines{});
  ASSERT_NE(good.config, nullptr);
  ASSERT_TRUE(good.config->listeners[0].tls.has_value());
  EXPECT_EQ(good.config->listeners[0].tls->certificate, "/one.crt");
  EXPECT_EQ(good.config->listeners[0].tls->private_key, "/one.key");
  EXPECT_EQ(good.config->listeners[0].tls->min_version, TlsVersion::tls1_3);
  EXPECT_EQ(good.config->listeners[0].tls->client_ca, "/one.crt");

  EXPECT_THAT(
      wrong(tls("certificate: /one.crt, private_key: /two.key"), contents),
      ElementsAre(
          "f.yaml:6:45: listeners[0].tls.private_key: the key does not belong to the certificate (the file's first "
          "certificate is the server's own)"));
  EXPECT_THAT(
      wrong(tls("certificate: /none, private_key: /one.crt"), contents),
      ElementsAre("f.yaml:6:22: listeners[0].tls.certificate: \"/none\" cannot be read: No such file or directory",
                  "f.yaml:6:42: listeners[0].tls.private_key: the file holds no private key (expected: PEM, -----BEGIN "
                  "PRIVATE KEY-----)"));
  EXPECT_THAT(
      wrong(tls("certificate: /text, private_key: /locked, client_ca: /broken"), contents),
      ElementsAre(
          "f.yaml:6:22: listeners[0].tls.certificate: the file holds no certificate (expected: PEM, -----BEGIN "
          "CERTIFICATE-----)",
          "f.yaml:6:42: listeners[0].tls.private_key: the private key is encrypted (store it without a password)",
          "f.yaml:6:62: listeners[0].tls.client_ca: certificate number 1 in the file cannot be parsed"));
  EXPECT_THAT(
      wrong(tls("min_version: 1.1"), contents),
      ElementsAre("f.yaml:6:8: listeners[0].tls.certificate: missing (PEM file)",
                  "f.yaml:6:8: listeners[0].tls.private_key: missing (PEM file)",
                  "f.yaml:6:22: listeners[0].tls.min_version: \"1.1\" is not known here (did you mean \"1.2\"?)"));
}

TEST(Listeners, WarnOfCertificatesThatAreNotValidNow) {
  const test::Certificate old = test::make_certificate("20000101000000Z", "20010101000000Z");
  const test::Certificate future = test::make_certificate("22000101000000Z", "22010101000000Z");
  const Loaded loaded = with_listeners(
      "listeners:\n"
      "- {address: '127.0.0.1:0', tls: {certificate: /old, private_key: /old.key, client_ca: /old}}\n"
      "- {address: '127.0.0.1:0', tls: {certificate: /new, private_key: /new.key}}\n",
      {{"/old", old.certificate}, {"/old.key", old.key}, {"/new", future.certificate}, {"/new.key", future.key}});
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  EXPECT_THAT(
      test::lines(loaded.warnings),
      ElementsAre(
          "f.yaml:5:47: listeners[0].tls.certificate: a certificate in the file has expired (clients will refuse it)",
          "f.yaml:5:87: listeners[0].tls.client_ca: every certificate in the file has expired (nobody will be trusted)",
          "f.yaml:6:47: listeners[1].tls.certificate: a certificate in the file is not valid yet (clients will refuse "
          "it)"));
}

}  // namespace
}  // namespace spillway::config
