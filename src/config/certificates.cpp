#include "certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <climits>

#include "rules.hpp"
#include "spillway/base/owned.hpp"

namespace spillway::config {
namespace {

using Bio = Owned<BIO, BIO_free>;
using X509Ptr = Owned<X509, X509_free>;
using KeyPtr = Owned<EVP_PKEY, EVP_PKEY_free>;

Bio bio_of(std::string_view pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), INT_MAX))));
}

// Without it OpenSSL asks on the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

KeyPtr key_of(std::string_view pem) {
  const Bio bio = bio_of(pem);
  return KeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
}

// OpenSSL's error queue belongs to the thread; what is left in it would be taken for the next operation's.
struct ErrorQueue {
  ErrorQueue() { ERR_clear_error(); }
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
  ~ErrorQueue() { ERR_clear_error(); }
};

std::optional<std::string> read_file(Reader& reader, const Place& place, bool secret, std::string& out) {
  const auto path = reader.scalar(place, "name of a file");
  if (!path) return std::nullopt;
  if (path->empty()) {
    reader.problem(place, "is empty (expected: name of a PEM file)");
    return std::nullopt;
  }
  Result<std::string> content = reader.read_file(place, std::string(*path), secret);
  if (!content) {
    reader.mismatch(place, "cannot be read: " + content.error().message(), {});
    return std::nullopt;
  }
  out = *path;
  return std::move(*content);
}

Rule<std::string> file_rule(bool secret, bool (*check)(Reader&, const Place&, std::string_view)) {
  Rule<std::string> rule;
  rule.type = "PEM file";
  rule.read = [secret, check](Reader& reader, const Place& place, std::string& out) {
    const auto content = read_file(reader, place, secret, out);
    return content && check(reader, place, *content);
  };
  rule.text = [](const std::string& value) { return value; };
  return rule;
}

}  // namespace

CertificateCheck check_certificates(std::string_view pem) {
  const ErrorQueue queue;
  CertificateCheck check;
  const Bio bio = bio_of(pem);
  while (const X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
    ++check.certificates;
    // Zero stands for a date that cannot be read.
    if (X509_cmp_time(X509_get0_notAfter(certificate.get()), nullptr) <= 0) ++check.expired;
    if (X509_cmp_time(X509_get0_notBefore(certificate.get()), nullptr) >= 0) ++check.not_yet_valid;
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) {
    check.problem = "certificate number " + std::to_string(check.certificates + 1) + " in the file cannot be parsed";
  } else if (check.certificates == 0) {
    check.problem = "the file holds no certificate (expected: PEM, -----BEGIN CERTIFICATE-----)";
  }
  return check;
}

std::string check_private_key(std::string_view pem) {
  const ErrorQueue queue;
  if (key_of(pem)) return {};
  if (pem.find("ENCRYPTED") != std::string_view::npos)
    return "the private key is encrypted (store it without a password)";
  return "the file holds no private key (expected: PEM, -----BEGIN PRIVATE KEY-----)";
}

bool key_matches(std::string_view certificate_pem, std::string_view key_pem) {
  const ErrorQueue queue;
  const Bio bio = bio_of(certificate_pem);
  const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  const KeyPtr key = key_of(key_pem);
  return certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
}

bool is_rsa_key(std::string_view pem) {
  const ErrorQueue queue;
  const KeyPtr key = key_of(pem);
  return key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA;
}

Rule<std::string> certificate_file() {
  return file_rule(false, [](Reader& reader, const Place& place, std::string_view pem) {
    const CertificateCheck check = check_certificates(pem);
    if (!check.problem.empty()) {
      reader.problem(place, check.problem);
      return false;
    }
    if (check.expired > 0) reader.warn(place, "a certificate in the file has expired (clients will refuse it)");
    if (check.not_yet_valid > 0)
      reader.warn(place, "a certificate in the file is not valid yet (clients will refuse it)");
    return true;
  });
}

Rule<std::string> ca_file() {
  return file_rule(false, [](Reader& reader, const Place& place, std::string_view pem) {
    const CertificateCheck check = check_certificates(pem);
    if (!check.problem.empty()) {
      reader.problem(place, check.problem);
      return false;
    }
    // Bundles carry old roots along; that harms nobody while others are valid.
    if (check.expired == check.certificates)
      reader.warn(place, "every certificate in the file has expired (nobody will be trusted)");
    return true;
  });
}

Rule<std::string> private_key_file() {
  return file_rule(true, [](Reader& reader, const Place& place, std::string_view pem) {
    const std::string problem = check_private_key(pem);
    if (!problem.empty()) reader.problem(place, problem);
    return problem.empty();
  });
}

Rule<std::string> rsa_key_file() {
  return file_rule(true, [](Reader& reader, const Place& place, std::string_view pem) {
    std::string problem = check_private_key(pem);
    if (problem.empty() && !is_rsa_key(pem)) problem = "the file holds no RSA key (Entra ID takes no other)";
    if (!problem.empty()) reader.problem(place, problem);
    return problem.empty();
  });
}

}  // namespace spillway::config
