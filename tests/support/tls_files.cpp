#include "tls_files.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>

namespace spillway::test {
namespace {

template <class T, void (*free_it)(T*)>
struct Delete {
  void operator()(T* object) const noexcept { free_it(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Delete<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Delete<X509, X509_free>>;

struct Authority {
  TemporaryFolder folder;
  Key key;
  Certificate certificate;
  std::string file;
  std::atomic<int> serial{2};
};

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make(EVP_PKEY* key, const std::string& name, int serial, int from_days, int to_days) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  constexpr long day = 86'400;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_days * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to_days * day);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

std::string pem(X509* certificate) {
  std::unique_ptr<BIO, Delete<BIO, BIO_vfree>> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(EVP_PKEY* key) {
  std::unique_ptr<BIO, Delete<BIO, BIO_vfree>> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Authority& authority() {
  static Authority* const instance = [] {
    auto made = std::make_unique<Authority>();
    made->key.reset(EVP_EC_gen("P-256"));
    made->certificate = make(made->key.get(), "Test Authority", 1, -2, 60);
    X509_set_issuer_name(made->certificate.get(), X509_get_subject_name(made->certificate.get()));
    add_extension(made->certificate.get(), made->certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(made->certificate.get(), made->key.get(), EVP_sha256());
    made->file = made->folder.write("ca.pem", pem(made->certificate.get()));
    static std::unique_ptr<Authority> keeper;
    keeper = std::move(made);
    return keeper.get();
  }();
  return *instance;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "spillway-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& contents) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << contents;
  return path;
}

const std::string& test_ca_file() {
  return authority().file;
}

CertificateFiles make_certificate(const CertificateOptions& options) {
  Authority& signer = authority();
  const int serial = signer.serial++;
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = make(key.get(), options.name, serial, options.valid_from_days, options.valid_to_days);
  X509* const issuer = options.self_signed ? certificate.get() : signer.certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  add_extension(certificate.get(), issuer, NID_subject_alt_name, "DNS:" + options.name + ",IP:127.0.0.1");
  X509_sign(certificate.get(), options.self_signed ? key.get() : signer.key.get(), EVP_sha256());
  CertificateFiles files;
  files.certificate = signer.folder.write("certificate-" + std::to_string(serial) + ".pem", pem(certificate.get()));
  files.private_key = signer.folder.write("key-" + std::to_string(serial) + ".pem", pem(key.get()));
  return files;
}

TlsServerContext::TlsServerContext() : TlsServerContext(make_certificate()) {}

TlsServerContext::TlsServerContext(const CertificateFiles& files) : context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX_use_certificate_chain_file(context_.get(), files.certificate.c_str());
  SSL_CTX_use_PrivateKey_file(context_.get(), files.private_key.c_str(), SSL_FILETYPE_PEM);
}

}  // namespace spillway::test
