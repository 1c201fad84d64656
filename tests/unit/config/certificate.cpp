#include "certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>

namespace spillway::config::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Key new_key() {
  return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

template <class Write>
std::string pem(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Certificate certificate_with(const Key& key, const char* not_before, const char* not_after) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), not_before);
  ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), not_after);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const unsigned char common_name[] = "spillway.test";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  return {pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate.get()); }),
          pem([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

}  // namespace

Certificate make_certificate(const char* not_before, const char* not_after) {
  return certificate_with(new_key(), not_before, not_after);
}

Certificate make_rsa_certificate() {
  return certificate_with(Key(EVP_RSA_gen(2048), &EVP_PKEY_free), "20000101000000Z", "21000101000000Z");
}

std::string encrypted_key() {
  const Key key = new_key();
  const unsigned char password[] = "password";
  return pem(
      [&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key.get(), EVP_aes_128_cbc(), password, 8, nullptr, nullptr); });
}

}  // namespace spillway::config::test
