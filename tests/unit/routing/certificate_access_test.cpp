#include "spillway/routing/certificate_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace spillway::routing {
namespace {

using config::CertificateName;
using Kind = CertificateName::Kind;

struct Attribute {
  const char* type;
  std::string value;
};
struct Alternative {
  int type;
  std::string value;
};

// A self-signed certificate with this subject, first part first, and these alternative names.
std::vector<std::uint8_t> certificate(const std::vector<Attribute>& subject,
                                      const std::vector<Alternative>& names = {}) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* made = X509_new();
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  ASN1_TIME_set(X509_getm_notBefore(made), 1'800'000'000);
  ASN1_TIME_set(X509_getm_notAfter(made), 1'900'000'000);
  for (const auto& [type, value] : subject)
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), type, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()), -1,
                               0);
  X509_set_pubkey(made, key);
  GENERAL_NAMES* list = sk_GENERAL_NAME_new_null();
  for (const auto& [type, value] : names) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, text);
    sk_GENERAL_NAME_push(list, name);
  }
  if (!names.empty()) X509_add1_ext_i2d(made, NID_subject_alt_name, list, 0, 0);
  X509_sign(made, key, EVP_sha256());
  std::uint8_t* bytes = nullptr;
  const int size = i2d_X509(made, &bytes);
  std::vector<std::uint8_t> der(bytes, bytes + size);
  OPENSSL_free(bytes);
  GENERAL_NAMES_free(list);
  X509_free(made);
  EVP_PKEY_free(key);
  return der;
}

constexpr WallTime now{std::chrono::seconds(1'850'000'000)};

std::vector<CertificateName> names_of(const std::vector<std::uint8_t>& der) {
  return certificate_names(der, now);
}

TEST(CertificateNames, AreGoneOnceTheCertificateHasExpired) {
  const auto der = certificate({{"CN", "chat-app"}});
  const WallTime end{std::chrono::seconds(1'900'000'000)};
  EXPECT_EQ(certificate_names(der, end - std::chrono::seconds(1)).size(), 1U);
  EXPECT_THAT(certificate_names(der, end), testing::IsEmpty());
  EXPECT_THAT(certificate_names(der, end + std::chrono::hours(1)), testing::IsEmpty());
}

TEST(CertificateNames, AreTheSubjectAndTheAlternativeNames) {
  const auto der = certificate(
      {{"O", "Contoso, Ltd"}, {"CN", "chat-app"}},
      {{GEN_DNS, "Chat.contoso.com"}, {GEN_URI, "spiffe://contoso.com/chat"}, {GEN_EMAIL, "chat@contoso.com"}});
  EXPECT_THAT(names_of(der), testing::ElementsAre(CertificateName{Kind::subject, "CN=chat-app,O=Contoso\\, Ltd"},
                                                  CertificateName{Kind::dns, "chat.contoso.com"},
                                                  CertificateName{Kind::uri, "spiffe://contoso.com/chat"},
                                                  CertificateName{Kind::email, "chat@contoso.com"}));
}

TEST(CertificateNames, LeaveOutWhatAnotherReaderMightReadOtherwise) {
  const auto der = certificate(
      {{"CN", "a"}}, {{GEN_DNS, std::string("good.example\0.evil.example", 26)}, {GEN_DNS, "a b"}, {GEN_URI, ""}});
  EXPECT_THAT(names_of(der), testing::Not(testing::Contains(CertificateName{Kind::dns, "good.example"})));
}

TEST(CertificateNames, OfSomethingElseAreNone) {
  EXPECT_THAT(names_of({}), testing::IsEmpty());
  const std::vector<std::uint8_t> garbage(100, 0x30);
  EXPECT_THAT(names_of(garbage), testing::IsEmpty());
  auto der = certificate({{"CN", "a"}});
  der.push_back(0);
  EXPECT_THAT(names_of(der), testing::IsEmpty());
}

config::Config three_clients() {
  config::Config config;
  config.clients.resize(4);
  config.clients[1].certificate = CertificateName{Kind::subject, "CN=chat-app,O=Contoso"};
  config.clients[2].certificate = CertificateName{Kind::dns, "chat.contoso.com"};
  config.clients[3].certificate = CertificateName{Kind::uri, "spiffe://contoso.com/chat"};
  return config;
}

TEST(CertificateAccess, FindsTheClientOfAName) {
  const CertificateAccess access(three_clients());
  EXPECT_EQ(access.client(names_of(certificate({{"O", "Contoso"}, {"CN", "chat-app"}}))), 1U);
  EXPECT_EQ(access.client(names_of(certificate({{"CN", "x"}}, {{GEN_DNS, "chat.contoso.com"}}))), 2U);
  EXPECT_EQ(access.client(names_of(certificate({{"CN", "x"}}, {{GEN_URI, "spiffe://contoso.com/chat"}}))), 3U);
}

TEST(CertificateAccess, WantsTheWholeName) {
  const CertificateAccess access(three_clients());
  EXPECT_EQ(access.client(names_of(certificate({{"CN", "chat-app"}}))), std::nullopt);
  EXPECT_EQ(access.client(names_of(certificate({{"O", "Contoso"}, {"CN", "chat-app"}, {"CN", "more"}}))), std::nullopt);
  EXPECT_EQ(access.client(names_of(certificate({{"CN", "chat-app"}, {"O", "Contoso"}}))), std::nullopt)
      << "another order";
  EXPECT_EQ(access.client(names_of(certificate({{"CN", "chat-app,O=Contoso"}}))), std::nullopt)
      << "a comma is no separator";
  EXPECT_EQ(access.client(names_of(certificate({{"CN", "x"}}, {{GEN_EMAIL, "chat.contoso.com"}}))), std::nullopt)
      << "another kind of name";
  EXPECT_EQ(access.client({}), std::nullopt);
}

TEST(CertificateAccess, TakesTheFirstOfSeveralClients) {
  const CertificateAccess access(three_clients());
  EXPECT_EQ(access.client({{Kind::uri, "spiffe://contoso.com/chat"}, {Kind::dns, "chat.contoso.com"}}), 2U);
  EXPECT_FALSE(access.empty());
  EXPECT_TRUE(CertificateAccess(config::Config{}).empty());
}

}  // namespace
}  // namespace spillway::routing
