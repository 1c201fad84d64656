#include "identity/assertion.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

namespace spillway::identity {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

template <class Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

struct Application {
  Key key;
  Certificate certificate{X509_new(), &X509_free};

  explicit Application(EVP_PKEY* with) : key(with, &EVP_PKEY_free) {
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
  }
  std::string certificate_pem() const {
    return pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate.get()); });
  }
  std::string key_pem() const {
    return pem([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
};

std::string decode(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string out(text.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  out.resize(out.size() - padding);
  return out;
}

std::vector<std::string> parts(const std::string& jwt) {
  std::vector<std::string> all(1);
  for (const char c : jwt) {
    if (c == '.')
      all.emplace_back();
    else
      all.back() += c;
  }
  return all;
}

const AssertionClaims claims{"https://login.example/t/oauth2/v2.0/token", "app-1", "id-1"};
const WallTime now{std::chrono::seconds(1'769'860'800)};

TEST(Assertions, SayWhoIsAskingForTenMinutes) {
  const Application application(EVP_RSA_gen(2048));
  const Assertion made = sign_assertion(claims, application.certificate_pem(), application.key_pem(), now);
  ASSERT_EQ(made.problem, "");
  const auto all = parts(made.jwt);
  ASSERT_EQ(all.size(), 3U);
  const auto payload = nlohmann::json::parse(decode(all[1]));
  EXPECT_EQ(payload, (nlohmann::json{{"aud", claims.audience},
                                     {"iss", "app-1"},
                                     {"sub", "app-1"},
                                     {"jti", "id-1"},
                                     {"iat", 1'769'860'800},
                                     {"nbf", 1'769'860'800},
                                     {"exp", 1'769'861'400}}));
}

TEST(Assertions, NameTheirCertificateByItsThumbprints) {
  const Application application(EVP_RSA_gen(2048));
  const Assertion made = sign_assertion(claims, application.certificate_pem(), application.key_pem(), now);
  const auto header = nlohmann::json::parse(decode(parts(made.jwt).at(0)));
  const auto print = [&](const EVP_MD* digest) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    X509_digest(application.certificate.get(), digest, bytes, &size);
    return std::string(reinterpret_cast<const char*>(bytes), size);
  };
  EXPECT_EQ(header["alg"], "RS256");
  EXPECT_EQ(header["typ"], "JWT");
  EXPECT_EQ(decode(header["x5t"]), print(EVP_sha1()));
  EXPECT_EQ(decode(header["x5t#S256"]), print(EVP_sha256()));
}

TEST(Assertions, AreSignedWithTheKeyOfTheCertificate) {
  const Application application(EVP_RSA_gen(2048));
  const Assertion made = sign_assertion(claims, application.certificate_pem(), application.key_pem(), now);
  const auto all = parts(made.jwt);
  const std::string signature = decode(all.at(2));
  const auto verify = [&](const std::string& content) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, application.key.get());
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                            reinterpret_cast<const unsigned char*>(content.data()), content.size());
  };
  EXPECT_EQ(verify(all[0] + "." + all[1]), 1);
  EXPECT_NE(verify(all[0] + "." + all[1] + "x"), 1);
}

TEST(Assertions, NeedAnRsaKeyThatFits) {
  const Application rsa(EVP_RSA_gen(2048));
  const Application other(EVP_RSA_gen(2048));
  const Application curve(EVP_EC_gen("P-256"));
  EXPECT_EQ(sign_assertion(claims, "", rsa.key_pem(), now).problem, "the certificate file holds no certificate");
  EXPECT_EQ(sign_assertion(claims, rsa.certificate_pem(), "", now).problem, "the private key file holds no RSA key");
  EXPECT_EQ(sign_assertion(claims, curve.certificate_pem(), curve.key_pem(), now).problem,
            "the private key file holds no RSA key");
  EXPECT_EQ(sign_assertion(claims, rsa.certificate_pem(), other.key_pem(), now).problem,
            "the private key does not belong to the certificate");
}

}  // namespace
}  // namespace spillway::identity
