#include "assertion.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <nlohmann/json.hpp>
#include <vector>

#include "spillway/base/base64url.hpp"
#include "spillway/base/owned.hpp"

namespace spillway::identity {
namespace {

constexpr std::chrono::minutes lifetime{10};

using Bio = Owned<BIO, BIO_free>;
using Certificate = Owned<X509, X509_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

// What is left in OpenSSL's queue would be taken for the next operation's.
struct ErrorQueue {
  ErrorQueue() { ERR_clear_error(); }
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
  ~ErrorQueue() { ERR_clear_error(); }
};

Bio bio_of(std::string_view pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), INT_MAX))));
}

int no_password(char*, int, int, void*) {
  return -1;
}

std::string thumbprint(const X509* certificate, const EVP_MD* digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  X509_digest(certificate, digest, bytes.data(), &size);
  return base64url(std::span<const unsigned char>(bytes.data(), size));
}

// Empty when it fails.
std::string signature(EVP_PKEY* key, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1) return {};
  if (EVP_DigestSign(context.get(), nullptr, &size, data, text.size()) != 1) return {};
  std::vector<unsigned char> bytes(size);
  if (EVP_DigestSign(context.get(), bytes.data(), &size, data, text.size()) != 1) return {};
  return base64url(std::span<const unsigned char>(bytes.data(), size));
}

}  // namespace

Assertion sign_assertion(const AssertionClaims& claims, std::string_view certificate_pem,
                         std::string_view private_key_pem, WallTime now) {
  const ErrorQueue queue;
  const Bio certificate_bio = bio_of(certificate_pem);
  const Bio key_bio = bio_of(private_key_pem);
  const Certificate certificate(PEM_read_bio_X509(certificate_bio.get(), nullptr, no_password, nullptr));
  const Key key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr));
  Assertion assertion;
  if (!certificate) {
    assertion.problem = "the certificate file holds no certificate";
  } else if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    assertion.problem = "the private key file holds no RSA key";
  } else if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    assertion.problem = "the private key does not belong to the certificate";
  }
  if (!assertion.problem.empty()) return assertion;

  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const nlohmann::json header = {{"alg", "RS256"},
                                 {"typ", "JWT"},
                                 {"x5t", thumbprint(certificate.get(), EVP_sha1())},
                                 {"x5t#S256", thumbprint(certificate.get(), EVP_sha256())}};
  const nlohmann::json payload = {{"aud", claims.audience},
                                  {"iss", claims.client_id},
                                  {"sub", claims.client_id},
                                  {"jti", claims.id},
                                  {"iat", seconds.count()},
                                  {"nbf", seconds.count()},
                                  {"exp", (seconds + lifetime).count()}};
  const std::string content = base64url(header.dump()) + "." + base64url(payload.dump());
  const std::string proof = signature(key.get(), content);
  if (proof.empty())
    assertion.problem = "signing failed";
  else
    assertion.jwt = content + "." + proof;
  return assertion;
}

}  // namespace spillway::identity
