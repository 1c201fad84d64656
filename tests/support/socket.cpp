#include "socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace spillway::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int reusing_socket() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return descriptor;
}

}  // namespace

Socket::Socket(int descriptor) : descriptor_(descriptor) {
  const timeval limit{patience.count(), 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Socket::~Socket() {
  close();
}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      context_(std::move(other.context_)),
      ssl_(std::move(other.ssl_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    context_ = std::move(other.context_);
    ssl_ = std::move(other.ssl_);
    was_reset_ = other.was_reset_;
  }
  return *this;
}

Socket Socket::connect(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    return {};
  }
  return Socket(descriptor);
}

Socket Socket::connect_v6(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_loopback;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    return {};
  }
  return Socket(descriptor);
}

bool Socket::start_tls_client(SSL* ssl) {
  ssl_.reset(ssl);
  SSL_set_fd(ssl_.get(), descriptor_);
  return SSL_connect(ssl_.get()) == 1;
}

bool Socket::start_tls_client(const std::string& ca_file, const std::string& server_name) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!ca_file.empty()) {
    SSL_CTX_load_verify_locations(context_.get(), ca_file.c_str(), nullptr);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), descriptor_);
  SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str());
  return SSL_connect(ssl_.get()) == 1;
}

bool Socket::start_tls_server(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), descriptor_);
  return SSL_accept(ssl_.get()) == 1;
}

bool Socket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    const ssize_t n = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string Socket::receive(std::size_t at_most) {
  std::string bytes(at_most, '\0');
  ERR_clear_error();
  errno = 0;
  const ssize_t n = ssl_ ? SSL_read(ssl_.get(), bytes.data(), static_cast<int>(at_most))
                         : ::recv(descriptor_, bytes.data(), at_most, 0);
  if (n <= 0) {
    timed_out_ = errno == EAGAIN || errno == EWOULDBLOCK;
    was_reset_ = ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(n)) != SSL_ERROR_ZERO_RETURN && !timed_out_
                      : n < 0 && !timed_out_;
    return {};
  }
  bytes.resize(static_cast<std::size_t>(n));
  return bytes;
}

std::string Socket::receive_all() {
  std::string all;
  for (std::string piece = receive(); !piece.empty(); piece = receive()) all += piece;
  return all;
}

bool Socket::closed_within(std::chrono::milliseconds wait) {
  pollfd entry{descriptor_, POLLIN, 0};
  if (::poll(&entry, 1, static_cast<int>(wait.count())) <= 0) return false;
  char byte = 0;
  return ::recv(descriptor_, &byte, 1, MSG_PEEK) <= 0;
}

void Socket::shutdown_send() {
  ::shutdown(descriptor_, SHUT_WR);
}

void Socket::close() {
  if (descriptor_ < 0) return;
  if (ssl_) SSL_shutdown(ssl_.get());
  ssl_.reset();
  ::close(std::exchange(descriptor_, -1));
}

void Socket::reset() {
  if (descriptor_ < 0) return;
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ssl_.reset();
  ::close(std::exchange(descriptor_, -1));
}

void Socket::cut() {
  if (descriptor_ < 0) return;
  ssl_.reset();
  ::close(std::exchange(descriptor_, -1));
}

void Socket::set_receive_buffer(int bytes) {
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

ListeningSocket::ListeningSocket() : descriptor_(reusing_socket()) {
  // A port that was asked for by its number stays with the socket when it stops listening; one from the system does
  // not.
  const int first = reusing_socket();
  sockaddr_in address = loopback(0);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const bool bound = ::bind(first, name, size) == 0 && ::getsockname(first, name, &size) == 0 &&
                     ::bind(descriptor_, name, size) == 0 && ::listen(descriptor_, 512) == 0;
  ::close(first);
  if (!bound) throw std::runtime_error("cannot listen on loopback");
  port_ = ntohs(address.sin_port);
}

ListeningSocket::~ListeningSocket() {
  close();
  ::close(descriptor_);
}

Socket ListeningSocket::accept() {
  const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
  return descriptor < 0 ? Socket() : Socket(descriptor);
}

void ListeningSocket::close() {
  ::shutdown(descriptor_, SHUT_RDWR);
}

void ListeningSocket::reopen() {
  if (::listen(descriptor_, 512) != 0) throw std::runtime_error("cannot listen again");
}

FullBacklog::FullBacklog(const char* address, std::uint16_t port) {
  constexpr int more_than_fit = 4;
  sockaddr_in at = loopback(port);
  ::inet_pton(AF_INET, address, &at.sin_addr);
  auto* const name = reinterpret_cast<sockaddr*>(&at);
  socklen_t size = sizeof at;
  const int listening = descriptors_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::bind(listening, name, size) != 0 || ::listen(listening, 0) != 0) throw std::runtime_error("cannot listen");
  ::getsockname(listening, name, &size);
  port_ = ntohs(at.sin_port);
  for (int i = 0; i < more_than_fit; ++i) {
    descriptors_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(descriptors_.back(), name, size);
  }
}

FullBacklog::~FullBacklog() {
  for (const int descriptor : descriptors_) ::close(descriptor);
}

}  // namespace spillway::test
