#include "spillway/listener/listener.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <utility>

#include "spillway/base/log.hpp"

namespace spillway::listener {
namespace {

using boost::asio::ip::tcp;

constexpr Milliseconds pause_time{100};
constexpr Milliseconds complaint_interval{1'000};
constexpr int accepts_at_once = 64;

}  // namespace

Listener::Listener(net::Loop& loop, std::shared_ptr<net::TlsServer> tls, std::vector<Hub*> hubs, ConnectionLimit& limit)
    : loop_(loop),
      acceptor_(loop.context()),
      tls_(std::move(tls)),
      hubs_(std::move(hubs)),
      limit_(limit),
      resume_(loop.timers(), [](void* self) { static_cast<Listener*>(self)->wait(); }, this) {}

Listener::~Listener() {
  *alive_ = false;
}

Result<std::unique_ptr<Listener>> Listener::open(net::Loop& loop, const std::string& host, std::uint16_t port,
                                                 std::shared_ptr<net::TlsServer> tls, std::vector<Hub*> hubs,
                                                 ConnectionLimit& limit, std::string& problem) {
  std::unique_ptr<Listener> listener(new Listener(loop, std::move(tls), std::move(hubs), limit));
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  const tcp::endpoint endpoint(address, port);
  if (!error) listener->acceptor_.open(endpoint.protocol(), error);
  if (!error) listener->acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) ::fcntl(listener->acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);  // not for programs this one starts
  if (!error && address.is_v6()) listener->acceptor_.set_option(boost::asio::ip::v6_only(true), error);
  if (!error) listener->acceptor_.bind(endpoint, error);
  if (!error) listener->acceptor_.listen(4096, error);
  if (!error) listener->acceptor_.non_blocking(true, error);
  tcp::endpoint bound;
  if (!error) bound = listener->acceptor_.local_endpoint(error);
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
  wait();
}

void Listener::stop() noexcept {
  if (!acceptor_.is_open()) return;
  accept();  // those that were connected before are still served
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  resume_.clear();
}

void Listener::wait() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_wait(tcp::acceptor::wait_read, [this, alive = alive_](const boost::system::error_code& error) {
    if (*alive && !error) accept();
  });
}

void Listener::accept() {
  for (int i = 0; i < accepts_at_once; ++i) {
    const ConnectionLimit::Admission admission = limit_.enter();
    if (admission == ConnectionLimit::Admission::full) return pause();
    const int descriptor = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      const int reason = errno;
      limit_.leave();
      if (reason == EAGAIN || reason == EWOULDBLOCK) return wait();
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
    hubs_[next_++ % hubs_.size()]->adopt_from_elsewhere(descriptor, tls_,
                                                        admission == ConnectionLimit::Admission::overloaded);
  }
  wait();
}

void Listener::pause() {
  resume_.set(loop_.now() + pause_time);
}

}  // namespace spillway::listener
