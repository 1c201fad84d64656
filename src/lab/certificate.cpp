#include "certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <stdexcept>

#include "spillway/base/owned.hpp"
#include "spillway/base/text.hpp"

namespace spillway::lab {
namespace {

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using Extension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Memory = Owned<BIO, BIO_free_all>;

constexpr long valid_seconds = 30L * 24 * 3600;
constexpr long clock_skew_seconds = 3600;

void check(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL could not make a certificate");
}

void extend(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

SelfSigned self_signed_certificate() {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  check(key && certificate);
  X509* x509 = certificate.get();
  std::array<unsigned char, 8> serial{};
  check(RAND_bytes(serial.data(), static_cast<int>(serial.size())) == 1);
  std::uint64_t number = 0;
  for (const unsigned char byte : serial) number = number << 8U | byte;
  check(X509_set_version(x509, X509_VERSION_3) == 1);
  check(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), number >> 1U) == 1);
  check(X509_gmtime_adj(X509_getm_notBefore(x509), -clock_skew_seconds) != nullptr);
  check(X509_gmtime_adj(X509_getm_notAfter(x509), valid_seconds) != nullptr);
  check(X509_set_pubkey(x509, key.get()) == 1);
  X509_NAME* name = X509_get_subject_name(x509);
  const auto* common_name = reinterpret_cast<const unsigned char*>("Spillway demo");
  check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1);
  check(X509_set_issuer_name(x509, name) == 1);
  extend(x509, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  extend(x509, NID_key_usage, "critical,digitalSignature,keyCertSign");
  extend(x509, NID_ext_key_usage, "serverAuth");
  extend(x509, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  extend(x509, NID_subject_key_identifier, "hash");
  extend(x509, NID_authority_key_identifier, "keyid:always");
  check(X509_sign(x509, key.get(), EVP_sha256()) > 0);

  const Memory public_pem(BIO_new(BIO_s_mem()));
  const Memory private_pem(BIO_new(BIO_s_mem()));
  check(public_pem && PEM_write_bio_X509(public_pem.get(), x509) == 1);
  check(private_pem &&
        PEM_write_bio_PrivateKey(private_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {text_of(public_pem.get()), text_of(private_pem.get())};
}

std::string random_key() {
  std::array<std::uint8_t, 24> bytes{};
  check(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return to_hex(bytes);
}

}  // namespace spillway::lab
