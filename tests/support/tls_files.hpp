#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace spillway::test {

// A folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const noexcept { return path_; }
  // Writes a file into it and returns its path.
  std::string write(const std::string& name, const std::string& contents) const;

 private:
  std::string path_;
};

struct CertificateOptions {
  std::string name = "localhost";  // DNS name; IP 127.0.0.1 is always included
  int valid_from_days = -1;
  int valid_to_days = 30;
  bool self_signed = false;  // instead of by the test authority
};

struct CertificateFiles {
  std::string certificate;
  std::string private_key;
};

// The process's test authority and certificates made by it, as PEM files in a folder that lives as long as the process.
const std::string& test_ca_file();
CertificateFiles make_certificate(const CertificateOptions& options = {});

// A server context with a certificate for `localhost` by the test authority.
class TlsServerContext {
 public:
  TlsServerContext();
  explicit TlsServerContext(const CertificateFiles& files);
  SSL_CTX* get() const noexcept { return context_.get(); }

 private:
  struct Delete {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Delete> context_;
};

}  // namespace spillway::test
