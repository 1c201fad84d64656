// Loopback sockets, plain or with TLS, all of them non-blocking.
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace bench {

using TlsContext = std::shared_ptr<SSL_CTX>;

// TLS 1.3 with session tickets. An empty path means no TLS: the context is null.
TlsContext server_tls(const std::string& certificate, const std::string& key);
TlsContext client_tls(const std::string& ca);

// On 127.0.0.1; port 0 takes a free one. Ends the program when it cannot.
int listen_on(std::uint16_t port);
std::uint16_t port_of(int listener);
// Begins to connect to 127.0.0.1; -1 when that cannot even begin.
int connect_to(std::uint16_t port);
// The next connection, or -1 when none waits.
int accept_from(int listener);

// Raises the limit of open files as far as it goes.
void allow_many_files();

// A connection; its destructor closes it. Reads and writes do the TLS handshake when it is due.
class Stream {
 public:
  Stream(int fd, const TlsContext& tls, bool server);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  // Bytes moved; 0 when none can be now; -1 when the connection is over.
  ssize_t read(char* buffer, std::size_t size);
  ssize_t write(const char* bytes, std::size_t size);

  [[nodiscard]] int fd() const { return fd_; }

 private:
  ssize_t tls_result(int result);

  int fd_;
  SSL* ssl_ = nullptr;
};

}  // namespace bench
