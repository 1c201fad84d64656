#include "socket_base.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace spillway::net {
namespace {

constexpr std::size_t index(Ready ready) noexcept {
  return static_cast<std::size_t>(ready);
}

bool would_block() noexcept {
  return io_error(errno) == Errc::would_block;
}

}  // namespace

ErrorCode io_error(int number) noexcept {
  if (number == EAGAIN || number == EWOULDBLOCK) return Errc::would_block;
  return {number, boost::system::system_category()};
}

// Knows whether the stream has lived through what somebody did who was continued.
class SocketStream::Life {
 public:
  explicit Life(SocketStream& stream) noexcept : stream_(&stream) { stream_->life_ = this; }
  ~Life() {
    if (stream_ != nullptr) stream_->life_ = nullptr;
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;
  void end() noexcept { stream_ = nullptr; }
  bool is_open() const noexcept { return stream_ != nullptr && stream_->is_open(); }

 private:
  SocketStream* stream_;
};

SocketStream::SocketStream(Loop& loop, int descriptor, bool connected)
    : loop_(loop), descriptor_(descriptor), waiters_{Waiter(loop), Waiter(loop)}, ready_{connected, connected} {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!loop_.reactor().add(descriptor, *this)) return;
  ::close(descriptor);
  descriptor_ = -1;
}

SocketStream::~SocketStream() {
  SocketStream::close();
  if (life_ != nullptr) life_->end();
}

ssize_t SocketStream::receive(void* data, std::size_t size) noexcept {
  if (!ready(Ready::read)) {
    errno = EAGAIN;
    return -1;
  }
  ssize_t n = 0;
  do {
    n = ::recv(descriptor_, data, size, 0);
  } while (n < 0 && errno == EINTR);
  // Less than there was room for is all there was, epoll(7) says; only an end behind it would not be told again.
  const bool drained = n < 0 ? would_block() : static_cast<std::size_t>(n) < size && n > 0 && !peer_ended_;
  if (drained) ready(Ready::read) = false;
  return n;
}

ssize_t SocketStream::transmit(std::span<const asio::const_buffer> buffers) noexcept {
  if (!ready(Ready::write)) {
    errno = EAGAIN;
    return -1;
  }
  std::array<iovec, 8> parts;  // never more than that is gathered
  const std::size_t count = std::min(buffers.size(), parts.size());
  for (std::size_t i = 0; i < count; ++i) parts[i] = {const_cast<void*>(buffers[i].data()), buffers[i].size()};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  ssize_t n = 0;
  do {
    n = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && would_block()) ready(Ready::write) = false;
  return n;
}

void SocketStream::on_events(std::uint32_t events) {
  const Life life(*this);
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) events |= EPOLLIN | EPOLLOUT | EPOLLRDHUP;
  if ((events & EPOLLRDHUP) != 0) {
    peer_ended_ = true;
    events |= EPOLLIN;
  }
  if ((events & EPOLLOUT) != 0) {
    ready(Ready::write) = true;
    if (!resume(Ready::write, life)) return;
  }
  if ((events & EPOLLIN) == 0) return;
  ready(Ready::read) = true;
  if (!resume(Ready::read, life)) return;
  if (Watcher* const watcher = std::exchange(watcher_, nullptr)) watcher->on_readable();
}

// Continues whoever waits for a direction. False when that has done away with the stream, or closed it.
bool SocketStream::resume(Ready direction, const Life& life) {
  for (std::size_t purpose = 0; purpose < waiters_.size(); ++purpose) {
    Waiter& waiter = waiters_[purpose];
    if (!waiter.suspension.waiting() || waiter.needs != direction) continue;
    waiter.suspension.resume();
    if (!life.is_open()) return false;
  }
  return true;
}

Suspension::Wait SocketStream::wait_for(Ready purpose, Ready needs, TimePoint deadline) {
  if (!is_open()) return Suspension::Wait(Errc::cancelled);
  if (ready(needs)) return Suspension::Wait(ErrorCode());
  Waiter& waiter = waiters_[index(purpose)];
  waiter.needs = needs;
  return waiter.suspension.until(deadline);
}

Suspension::Wait SocketStream::wait(Ready purpose, TimePoint deadline) {
  return wait_for(purpose, purpose, deadline);
}

void SocketStream::watch(Watcher& watcher) {
  if (!is_open()) return;
  watcher_ = &watcher;
  if (!ready(Ready::read)) return;
  char byte = 0;
  if (::recv(descriptor_, &byte, 1, MSG_PEEK) < 0 && would_block())
    ready(Ready::read) = false;
  else
    loop_.reactor().revisit(*this);
}

void SocketStream::cancel() noexcept {
  for (Waiter& waiter : waiters_) waiter.suspension.cancel();
}

void SocketStream::close() noexcept {
  if (!is_open()) return;
  loop_.reactor().forget(*this);
  ::close(std::exchange(descriptor_, -1));
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

bool SocketStream::peer_has_closed() const noexcept {
  if (!is_open()) return true;
  pollfd look{descriptor_, POLLRDHUP, 0};
  return ::poll(&look, 1, 0) > 0;
}

std::string SocketStream::peer() const {
  asio::ip::tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getpeername(descriptor_, endpoint.data(), &size) != 0) return {};
  endpoint.resize(size);
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace spillway::net
