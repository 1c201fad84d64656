#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Plain blocking sockets for tests: nothing of the program under test is used, so that both cannot be wrong in the same
// way.
namespace spillway::test {

// Long enough for a loaded machine under a sanitizer; a test that reaches it has failed.
inline constexpr std::chrono::seconds patience{20};

// A connected socket, TCP or TLS. Reads and writes block, at most for `patience`.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  static Socket connect(std::uint16_t port);
  static Socket connect_v6(std::uint16_t port);

  // Client and server side of a handshake. False when it fails.
  bool start_tls_client(const std::string& ca_file, const std::string& server_name);
  bool start_tls_server(SSL_CTX* context);
  // The client's side with everything as the caller wants it; takes the object over.
  bool start_tls_client(SSL* ssl);

  bool send(std::string_view bytes);
  // Some bytes; empty at the end, on an error or when nothing came in time.
  std::string receive(std::size_t at_most = 65536);
  // Everything until the peer closes.
  std::string receive_all();
  // True when the peer has closed or reset, false when there is something to read or nothing came in `wait`.
  bool closed_within(std::chrono::milliseconds wait);

  void shutdown_send();
  void close();
  // Closes with RST.
  void reset();
  // Closes with FIN but without what TLS says before it.
  void cut();
  void set_receive_buffer(int bytes);
  bool open() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }
  SSL* ssl() noexcept { return ssl_.get(); }
  // The last receive ended because the peer reset the connection (or broke TLS), not with an orderly end.
  bool was_reset() const noexcept { return was_reset_; }
  bool timed_out() const noexcept { return timed_out_; }

 private:
  struct Delete {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };
  int descriptor_ = -1;
  std::unique_ptr<SSL_CTX, Delete> context_;
  std::unique_ptr<SSL, Delete> ssl_;
  bool was_reset_ = false;
  bool timed_out_ = false;
};

// Listens on 127.0.0.1, any port.
class ListeningSocket {
 public:
  ListeningSocket();
  ~ListeningSocket();
  std::uint16_t port() const noexcept { return port_; }
  // Blocks; an unconnected socket after `close`.
  Socket accept();
  void close();
  // Once more, on the same port.
  void reopen();

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

// A port that answers no SYN: somebody listens there, but his queue is full. On 127.0.0.1, or another address and port.
class FullBacklog {
 public:
  explicit FullBacklog(const char* address = "127.0.0.1", std::uint16_t port = 0);
  ~FullBacklog();
  FullBacklog(const FullBacklog&) = delete;
  FullBacklog& operator=(const FullBacklog&) = delete;
  std::uint16_t port() const noexcept { return port_; }

 private:
  std::vector<int> descriptors_;
  std::uint16_t port_ = 0;
};

}  // namespace spillway::test
