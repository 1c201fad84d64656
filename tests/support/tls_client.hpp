#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>

#include "test_gateway.hpp"
#include "tls_files.hpp"

namespace spillway::test {

// A TLS client with every setting a test may want. One object makes many connections, which share its sessions.
class TlsClientSide {
 public:
  TlsClientSide();

  TlsClientSide& versions(int min, int max);
  TlsClientSide& ciphers_1_2(const char* list);
  TlsClientSide& alpn(const std::string& protocols);  // as on the wire: each with its length before it
  TlsClientSide& certificate(const CertificateFiles& files);
  TlsClientSide& server_name(std::string name);  // SNI; empty = none

  // The connection after its handshake; none when that failed. `resume`: with the newest session there is.
  std::optional<RawClient> connect(std::uint16_t port, bool resume = false);
  // A handshake that succeeds on our side may still be refused by the server (TLS 1.3): asks for an answer too.
  bool is_served(std::uint16_t port);

  SSL_CTX* context() noexcept { return context_.get(); }

 private:
  struct Delete {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
  };
  static int keep_session(SSL* ssl, SSL_SESSION* session);

  std::unique_ptr<SSL_CTX, Delete> context_;
  std::unique_ptr<SSL_SESSION, Delete> session_;
  std::string server_name_ = "localhost";
};

// The serial number of the certificate the server has shown.
long shown_serial(RawClient& client);

}  // namespace spillway::test
