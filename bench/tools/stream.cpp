#include "stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "support.hpp"

namespace bench {

namespace {

TlsContext context(const SSL_METHOD* method) {
  TlsContext made(SSL_CTX_new(method), SSL_CTX_free);
  if (!made) fail("no TLS context");
  SSL_CTX_set_min_proto_version(made.get(), TLS1_3_VERSION);
  SSL_CTX_set_mode(made.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return made;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

TlsContext server_tls(const std::string& certificate, const std::string& key) {
  if (certificate.empty()) return nullptr;
  TlsContext made = context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(made.get(), certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(made.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    fail("cannot use the certificate " + certificate);
  }
  return made;
}

TlsContext client_tls(const std::string& ca) {
  if (ca.empty()) return nullptr;
  TlsContext made = context(TLS_client_method());
  if (SSL_CTX_load_verify_locations(made.get(), ca.c_str(), nullptr) != 1) fail("cannot use the roots " + ca);
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
  return made;
}

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(fd, 4096) != 0) {
    fail("cannot listen on port " + std::to_string(port));
  }
  return fd;
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  no_delay(fd);
  const sockaddr_in address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS) {
    close(fd);
    return -1;
  }
  return fd;
}

int accept_from(int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) no_delay(fd);
  return fd;
}

void allow_many_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Stream::Stream(int fd, const TlsContext& tls, bool server) : fd_(fd) {
  if (!tls) return;
  ssl_ = SSL_new(tls.get());
  SSL_set_fd(ssl_, fd);
  if (server) {
    SSL_set_accept_state(ssl_);
  } else {
    SSL_set_connect_state(ssl_);
  }
}

Stream::~Stream() {
  if (ssl_ != nullptr) SSL_free(ssl_);
  close(fd_);
}

ssize_t Stream::tls_result(int result) {
  if (result > 0) return result;
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 0;
  ERR_clear_error();
  return -1;
}

ssize_t Stream::read(char* buffer, std::size_t size) {
  if (ssl_ != nullptr)
    return tls_result(SSL_read(ssl_, buffer, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
  const ssize_t result = recv(fd_, buffer, size, 0);
  if (result > 0) return result;
  // Not connected yet: the kernel says so when it is.
  return result < 0 && (errno == EAGAIN || errno == ENOTCONN) ? 0 : -1;
}

ssize_t Stream::write(const char* bytes, std::size_t size) {
  if (ssl_ != nullptr)
    return tls_result(SSL_write(ssl_, bytes, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
  const ssize_t result = send(fd_, bytes, size, MSG_NOSIGNAL);
  if (result >= 0) return result;
  return errno == EAGAIN || errno == ENOTCONN ? 0 : -1;
}

}  // namespace bench
