#include "spillway/listener/listener.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <exception>
#include <utility>

#include "spillway/base/fault.hpp"
#include "spillway/base/log.hpp"

namespace spillway::listener {
namespace {

using boost::asio::ip::tcp;

constexpr Milliseconds pause_time{100};
constexpr Milliseconds complaint_interval{1'000};
constexpr int accepts_at_once = 64;

ErrorCode last_error() noexcept {
  return {errno, boost::system::system_category()};
}

// A listening descriptor, also when there is an error; -1 when it was not even made.
int listen_at(const tcp::endpoint& endpoint, ErrorCode& error) {
  const int family = endpoint.protocol().family();
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  const int on = 1;
  const bool listens =
      descriptor >= 0 && ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      (family != AF_INET6 || ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
      ::bind(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 &&
      ::listen(descriptor, 4096) == 0;
  if (!listens) error = last_error();
  return descriptor;
}

tcp::endpoint address_of(int descriptor, ErrorCode& error) {
  tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  if (::getsockname(descriptor, bound.data(), &size) != 0) error = last_error();
  bound.resize(size);
  return bound;
}

}  // namespace

Listener::Listener(net::Loop& loop, std::shared_ptr<net::TlsServer> tls, std::vector<Hub*> hubs, ConnectionLimit& limit)
    : loop_(loop),
      tls_(std::move(tls)),
      hubs_(std::move(hubs)),
      limit_(limit),
      resume_(loop.timers(), [](void* self) { static_cast<Listener*>(self)->accept(); }, this) {}

Listener::~Listener() {
  close();
}

Result<std::unique_ptr<Listener>> Listener::open(net::Loop& loop, const std::string& host, std::uint16_t port,
                                                 std::shared_ptr<net::TlsServer> tls, std::vector<Hub*> hubs,
                                                 ConnectionLimit& limit, std::string& problem) {
  std::unique_ptr<Listener> listener(new Listener(loop, std::move(tls), std::move(hubs), limit));
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (!error) listener->descriptor_ = listen_at(tcp::endpoint(address, port), error);
  tcp::endpoint bound;
  if (!error) bound = address_of(listener->descriptor_, error);
  if (!error) error = loop.reactor().add(listener->descriptor_, *listener);
  if (error) {
    problem = error.message();
    return error;
  }
  listener->host_ = address.is_v6() ? "[" + host + "]" : host;
  listener->port_ = bound.port();
  return listener;
}

std::string Listener::address() const {
  return host_ + ":" + std::to_string(port_);
}

void Listener::start() {
  started_ = true;
  accept();
}

void Listener::stop() noexcept {
  if (descriptor_ < 0) return;
  accept();  // those that were connected before are still served
  close();
}

void Listener::close() noexcept {
  if (descriptor_ < 0) return;
  loop_.reactor().forget(*this);
  ::close(std::exchange(descriptor_, -1));
  resume_.clear();
}

void Listener::on_events(std::uint32_t) {
  if (started_) accept();
}

// Until none is left, because of one that is the loop is not told again.
void Listener::accept() {
  for (int i = 0; i < accepts_at_once; ++i) {
    const ConnectionLimit::Admission admission = limit_.enter();
    if (admission == ConnectionLimit::Admission::full) return pause();
    const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      const int reason = errno;
      limit_.leave();
      if (reason == EAGAIN || reason == EWOULDBLOCK) return;
      if (reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM) {
        const TimePoint now = loop_.now();
        if (now - last_complaint_ >= complaint_interval) {
          last_complaint_ = now;
          log::error("cannot accept connections for the moment",
                     {{"address", address()}, {"error", boost::system::system_category().message(reason)}});
        }
        return pause();
      }
      continue;  // this one connection failed (ECONNABORTED and the like)
    }
    const bool overloaded = admission == ConnectionLimit::Admission::overloaded;
    // An exception here must not end the accepting: nobody would tell of those that still wait.
    try {
      hubs_[next_++ % hubs_.size()]->adopt_from_elsewhere({descriptor, tls_, &limit_, overloaded});
    } catch (...) {
      report_fault("a new connection could not be taken", std::current_exception());
    }
  }
  loop_.reactor().revisit(*this);
}

void Listener::pause() {
  resume_.set(loop_.now() + pause_time);
}

}  // namespace spillway::listener
