#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "spillway/base/error.hpp"

namespace spillway::net {

struct SslContextDelete {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
struct SslDelete {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
struct SslSessionDelete {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDelete>;
using Ssl = std::unique_ptr<SSL, SslDelete>;
using SslSession = std::unique_ptr<SSL_SESSION, SslSessionDelete>;

// What a TLS listener shows: TLS 1.2 with ECDHE AEAD suites and TLS 1.3, no renegotiation, no compression, no early
// data, ALPN http/1.1. Immutable and thread-safe; a reload makes a new one.
class TlsServer {
 public:
  struct Options {
    std::string certificate;  // PEM file, leaf first
    std::string private_key;  // PEM file
    bool require_tls1_3 = false;
    std::optional<std::string> client_ca;  // PEM file; clients must show a certificate
  };
  // An error text for the operator when the files cannot be used.
  static Result<std::shared_ptr<TlsServer>> make(const Options& options, std::string& problem);

  Ssl accept() const;

 private:
  SslContext context_;
};

// How a backend is spoken to: verified against the system's roots or a CA file, by name, with SNI; sessions are
// resumed. Thread-safe.
class TlsClient {
 public:
  struct Options {
    bool verify = true;
    std::optional<std::string> ca;  // PEM file
    std::string server_name;        // for SNI and verification; an address is verified as an address and sends no SNI
  };
  static Result<std::shared_ptr<TlsClient>> make(const Options& options, std::string& problem);

  Ssl connect() const;

 private:
  static int keep_session(SSL* ssl, SSL_SESSION* session);

  Options options_;
  SslContext context_;
  mutable std::mutex mutex_;
  mutable SslSession session_;
};

// The newest error of OpenSSL's queue in words, for the log; empties the queue.
std::string tls_error_text();

}  // namespace spillway::net
