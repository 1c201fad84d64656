#include "jose.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <vector>

#include "spillway/base/owned.hpp"

namespace spillway::lab {
namespace {

using Digest = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Number = Owned<BIGNUM, BN_free>;
using EcSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;
using Memory = Owned<BIO, BIO_free_all>;
using Certificate = Owned<X509, X509_free>;

constexpr std::array<std::string_view, 3> names = {"RS256", "ES256", "PS256"};
constexpr int coordinate = 32;  // bytes of a number of P-256

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void check(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL could not work with a signing key");
}

// The digest's context set up for one signature; null when the key cannot.
Digest context_for(EVP_PKEY* key, Algorithm algorithm, bool sign) {
  Digest context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  const bool kind = EVP_PKEY_is_a(key, algorithm == Algorithm::es256 ? "EC" : "RSA") == 1;
  const auto init = sign ? EVP_DigestSignInit : EVP_DigestVerifyInit;
  if (!context || !kind || init(context.get(), &inner, EVP_sha256(), nullptr, key) != 1) return nullptr;
  if (algorithm == Algorithm::ps256 && (EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) != 1 ||
                                        EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return nullptr;
  }
  return context;
}

// JOSE writes the two numbers side by side (RFC 7518 3.4), OpenSSL as DER.
std::string raw_of(const std::vector<unsigned char>& der) {
  const unsigned char* at = der.data();
  const EcSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::array<unsigned char, 2 * coordinate> raw{};
  check(parsed && BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), raw.data(), coordinate) == coordinate &&
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), raw.data() + coordinate, coordinate) == coordinate);
  return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

std::optional<std::string> der_of(std::string_view raw) {
  if (raw.size() != 2 * coordinate) return std::nullopt;
  const EcSignature signature(ECDSA_SIG_new());
  Number r(BN_bin2bn(bytes_of(raw), coordinate, nullptr));
  Number s(BN_bin2bn(bytes_of(raw) + coordinate, coordinate, nullptr));
  check(signature && r && s && ECDSA_SIG_set0(signature.get(), r.release(), s.release()) == 1);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  check(size > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string number(EVP_PKEY* key, const char* what, int width = 0) {
  BIGNUM* value = nullptr;
  check(EVP_PKEY_get_bn_param(key, what, &value) == 1);
  const Number owned(value);
  std::vector<unsigned char> bytes(static_cast<std::size_t>(width == 0 ? BN_num_bytes(value) : width));
  check(BN_bn2binpad(value, bytes.data(), static_cast<int>(bytes.size())) >= 0);
  return base64url(bytes);
}

std::string digest(const EVP_MD* kind, const unsigned char* data, int size) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int length = 0;
  check(size > 0 && EVP_Digest(data, static_cast<std::size_t>(size), out.data(), &length, kind, nullptr) == 1);
  return base64url(std::span(out.data(), length));
}

Memory reading(std::string_view pem) {
  return Memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

}  // namespace

std::string_view name(Algorithm algorithm) noexcept {
  return names[static_cast<std::size_t>(algorithm)];
}

std::optional<Algorithm> algorithm_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Algorithm>(i);
  }
  return std::nullopt;
}

bool VerifyingKey::verifies(Algorithm algorithm, std::string_view text, std::string_view signature) const {
  const Digest context = context_for(key_.get(), algorithm, false);
  const auto der = algorithm == Algorithm::es256 ? der_of(signature) : std::string(signature);
  if (!context || !der) return false;
  return EVP_DigestVerify(context.get(), bytes_of(*der), der->size(), bytes_of(text), text.size()) == 1;
}

Json VerifyingKey::jwk() const {
  EVP_PKEY* key = key_.get();
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    return {{"kty", "RSA"}, {"n", number(key, OSSL_PKEY_PARAM_RSA_N)}, {"e", number(key, OSSL_PKEY_PARAM_RSA_E)}};
  }
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate)},
          {"y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate)}};
}

std::string VerifyingKey::pem() const {
  const Memory memory(BIO_new(BIO_s_mem()));
  check(memory && PEM_write_bio_PUBKEY(memory.get(), key_.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string VerifyingKey::thumbprint() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  std::string out = digest(EVP_sha256(), der, size);
  OPENSSL_free(der);
  return out;
}

SigningKey::SigningKey(std::shared_ptr<EVP_PKEY> key, Algorithm algorithm)
    : VerifyingKey(std::move(key)), algorithm_(algorithm), kid_(thumbprint()) {}

SigningKey SigningKey::generate(Algorithm algorithm) {
  auto key = owned(algorithm == Algorithm::es256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048));
  check(key != nullptr);
  return {std::move(key), algorithm};
}

std::optional<SigningKey> SigningKey::read(std::string_view pem, Algorithm algorithm) {
  const Memory memory = reading(pem);
  auto key = owned(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  if (!key) return std::nullopt;
  return SigningKey(std::move(key), algorithm);
}

std::string SigningKey::sign(std::string_view text) const {
  const Digest context = context_for(key_.get(), algorithm_, true);
  check(context != nullptr);
  std::size_t size = 0;
  check(EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1);
  std::vector<unsigned char> out(size);
  check(EVP_DigestSign(context.get(), out.data(), &size, bytes_of(text), text.size()) == 1);
  out.resize(size);
  if (algorithm_ == Algorithm::es256) return raw_of(out);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::optional<ClientCertificate> ClientCertificate::read(std::string_view pem) {
  const Memory memory = reading(pem);
  const Certificate certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  auto key = owned(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
  if (!key) return std::nullopt;
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  ClientCertificate out{VerifyingKey(std::move(key)), digest(EVP_sha1(), der, size), digest(EVP_sha256(), der, size)};
  OPENSSL_free(der);
  return out;
}

}  // namespace spillway::lab
