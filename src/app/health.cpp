#include "health.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "spillway/http/reader.hpp"

namespace spillway::app {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) noexcept : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return value_; }

 private:
  int value_;
};

// A listener that takes every address is asked on loopback.
std::string reachable(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  if (host == "::") return "::1";
  return host;
}

int connect_to(const std::string& address, std::string& said) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    said = "the address is not HOST:PORT";
    return -1;
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(reachable(host).c_str(), address.substr(colon + 1).c_str(), &hints, &list) != 0) {
    said = "the address cannot be resolved";
    return -1;
  }
  const int descriptor = ::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{5, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int failed = ::connect(descriptor, list->ai_addr, list->ai_addrlen);
  const int reason = errno;
  ::freeaddrinfo(list);
  if (failed == 0) return descriptor;
  said = std::strerror(reason);
  if (descriptor >= 0) ::close(descriptor);
  return -1;
}

}  // namespace

bool ask_ready(const std::string& address, std::string& said) {
  const Descriptor descriptor(connect_to(address, said));
  if (descriptor.get() < 0) return false;
  const std::string request = "GET /readyz HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n";
  if (::send(descriptor.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    said = "the request could not be sent";
    return false;
  }
  std::string answer;
  char piece[4096];
  for (ssize_t n = 0; (n = ::recv(descriptor.get(), piece, sizeof piece, 0)) > 0;)
    answer.append(piece, static_cast<std::size_t>(n));
  http::ResponseReader reader{http::HeadLimits()};
  if (reader.parse(answer, false) != http::ReadState::complete) {
    said = "no answer";
    return false;
  }
  said = answer.substr(reader.size());
  return reader.head().status == 200;
}

}  // namespace spillway::app
