#include "spillway/net/socket_stream.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>

#include "tls_stream.hpp"

namespace spillway::net {
namespace {

class TcpStream final : public SocketStream {
 public:
  using SocketStream::SocketStream;

  Io try_read(asio::mutable_buffer buffer) noexcept override {
    if (!is_open()) return {Errc::cancelled, 0};
    const ssize_t n = receive(buffer.data(), buffer.size());
    if (n > 0) return {{}, static_cast<std::size_t>(n)};
    return {n == 0 ? ErrorCode(Errc::end_of_stream) : io_error(errno), 0};
  }

  Io try_write(std::span<const asio::const_buffer> buffers) noexcept override {
    if (!is_open()) return {Errc::cancelled, 0};
    const ssize_t n = transmit(buffers);
    if (n >= 0) return {{}, static_cast<std::size_t>(n)};
    return {io_error(errno), 0};
  }

  bool has_buffered() const noexcept override { return false; }
  bool is_tls() const noexcept override { return false; }
};

}  // namespace

std::unique_ptr<Stream> adopt(Loop& loop, int descriptor) {
  return std::make_unique<TcpStream>(loop, descriptor);
}

awaitable<Result<std::unique_ptr<Stream>>> accept_tls(Loop& loop, int descriptor, std::shared_ptr<TlsServer> tls,
                                                      TimePoint deadline, Cancellable** track) {
  auto stream = std::make_unique<TlsStream>(loop, descriptor, tls->accept(), tls);
  *track = stream.get();
  const ErrorCode error = co_await stream->handshake(deadline);
  *track = nullptr;
  if (error) {
    stream->close();  // in order, so that the client can read the alert
    co_return error;
  }
  co_return std::unique_ptr<Stream>(std::move(stream));
}

awaitable<ErrorCode> connect(Loop& loop, const asio::ip::tcp::endpoint& address, const std::shared_ptr<TlsClient>& tls,
                             TimePoint deadline, CancelSlot& slot, std::unique_ptr<Stream>& out, Stage& stage) {
  stage = Stage::connect;
  if (slot.cancelled()) co_return Errc::cancelled;
  const int descriptor = ::socket(address.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0) co_return io_error(errno);
  const int started = ::connect(descriptor, address.data(), static_cast<socklen_t>(address.size()));
  if (started != 0 && errno != EINPROGRESS) {
    const int reason = errno;
    ::close(descriptor);
    co_return io_error(reason);
  }
  std::unique_ptr<SocketStream> stream;
  TlsStream* secured = nullptr;
  if (tls) {
    auto made = std::make_unique<TlsStream>(loop, descriptor, tls->connect(), tls, started == 0);
    secured = made.get();
    stream = std::move(made);
  } else {
    stream = std::make_unique<TcpStream>(loop, descriptor, started == 0);
  }
  const CancelSlot::Guard guard(slot, *stream);
  if (started != 0) {
    const ErrorCode waited = co_await stream->SocketStream::wait(Ready::write, deadline);
    if (waited) co_return waited;
    int reason = 0;
    socklen_t size = sizeof reason;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &reason, &size);
    if (reason != 0) co_return io_error(reason);
  }
  if (secured != nullptr) {
    stage = Stage::handshake;
    const ErrorCode error = co_await secured->handshake(deadline);
    if (error) co_return error;
  }
  out = std::move(stream);
  co_return ErrorCode();
}

}  // namespace spillway::net
