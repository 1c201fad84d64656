#include "socket_base.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace spillway::net {
namespace {

constexpr std::size_t index(Ready ready) noexcept {
  return static_cast<std::size_t>(ready);
}

}  // namespace

struct SocketStream::Registration {
  Registration(asio::io_context& context, SocketStream* stream) : socket(context), owner(stream) {}
  asio::ip::tcp::socket socket;
  SocketStream* owner;
  std::array<bool, 2> armed{};
};

SocketStream::SocketStream(Loop& loop, int descriptor)
    : registration_(std::make_shared<Registration>(loop.context(), this)),
      descriptor_(descriptor),
      waiters_{Waiter(loop), Waiter(loop)} {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  boost::system::error_code ignored;
  registration_->socket.assign(asio::ip::tcp::v4(), descriptor, ignored);
  if (registration_->socket.is_open()) return;
  ::close(descriptor);
  descriptor_ = -1;
}

SocketStream::~SocketStream() {
  SocketStream::close();
  registration_->owner = nullptr;
}

void SocketStream::arm(Ready ready) {
  bool& armed = registration_->armed[index(ready)];
  if (armed) return;
  armed = true;
  const auto direction = ready == Ready::read ? asio::ip::tcp::socket::wait_read : asio::ip::tcp::socket::wait_write;
  registration_->socket.async_wait(direction,
                                   [registration = registration_, ready](const boost::system::error_code& error) {
                                     registration->armed[index(ready)] = false;
                                     if (!error && registration->owner != nullptr) registration->owner->on_ready(ready);
                                   });
}

void SocketStream::on_ready(Ready ready) {
  if (!is_open()) return;  // it was closed after the reactor had reported
  const std::shared_ptr<Registration> registration = registration_;
  bool wanted = false;
  for (std::size_t purpose = 0; purpose < waiters_.size(); ++purpose) {
    Waiter& waiter = waiters_[purpose];
    if (!waiter.suspension.waiting() || waiter.needs != ready) continue;
    wanted = true;
    waiter.suspension.resume();
    if (registration->owner == nullptr || !is_open()) return;  // whoever went on has done away with the stream
  }
  if (ready == Ready::read && watcher_ != nullptr) {
    Watcher* const watcher = watcher_;
    watcher_ = nullptr;
    watcher->on_readable();
  } else if (!wanted) {
    ready_[index(ready)] = true;
  }
}

awaitable<ErrorCode> SocketStream::wait_for(Ready purpose, Ready needs, TimePoint deadline) {
  if (!is_open()) co_return Errc::cancelled;
  if (ready_[index(needs)]) {
    ready_[index(needs)] = false;
    co_return ErrorCode();
  }
  arm(needs);
  Waiter& waiter = waiters_[index(purpose)];
  waiter.needs = needs;
  const ErrorCode error = co_await waiter.suspension.until(deadline);
  co_return error;
}

awaitable<ErrorCode> SocketStream::wait(Ready purpose, TimePoint deadline) {
  return wait_for(purpose, purpose, deadline);
}

void SocketStream::watch(Watcher& watcher) {
  if (!is_open()) return;
  watcher_ = &watcher;
  // Bytes that came earlier may have been read since: only the reactor knows whether there are more.
  ready_[index(Ready::read)] = false;
  arm(Ready::read);
}

void SocketStream::cancel() noexcept {
  for (Waiter& waiter : waiters_) waiter.suspension.cancel();
}

void SocketStream::close() noexcept {
  if (!is_open()) return;
  boost::system::error_code ignored;
  registration_->socket.close(ignored);
  descriptor_ = -1;
  watcher_ = nullptr;
  SocketStream::cancel();
}

void SocketStream::abort() noexcept {
  if (!is_open()) return;
  const linger reset{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  SocketStream::close();
}

void SocketStream::shutdown_send() noexcept {
  ::shutdown(descriptor_, SHUT_WR);
}

bool SocketStream::is_open() const noexcept {
  return registration_->socket.is_open();
}

bool SocketStream::peer_has_closed() const noexcept {
  if (!is_open()) return true;
  pollfd look{descriptor_, POLLRDHUP, 0};
  return ::poll(&look, 1, 0) > 0;
}

std::string SocketStream::peer() const {
  boost::system::error_code error;
  const auto endpoint = registration_->socket.remote_endpoint(error);
  if (error) return {};
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace spillway::net
