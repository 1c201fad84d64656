#include "spillway/net/socket_stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <climits>
#include <cstring>

#include "socket_base.hpp"
#include "spillway/base/owned.hpp"

namespace spillway::net {
namespace {

ErrorCode system_error(int value) noexcept {
  return {value, boost::system::system_category()};
}

ErrorCode io_error(int value) noexcept {
  return value == EAGAIN || value == EWOULDBLOCK ? ErrorCode(Errc::would_block) : system_error(value);
}

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

class TlsStream final : public SocketStream {
 public:
  TlsStream(Loop& loop, int descriptor, Ssl ssl, std::shared_ptr<const void> owner, bool connected = true)
      : SocketStream(loop, descriptor, connected), owner_(std::move(owner)), ssl_(std::move(ssl)) {
    BIO* const bio = BIO_new(transport());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
  }
  ~TlsStream() override { TlsStream::close(); }

  awaitable<ErrorCode> handshake(TimePoint deadline) {
    for (;;) {
      ERR_clear_error();
      errno = 0;
      const int n = SSL_do_handshake(ssl_.get());
      if (n == 1) {
        established_ = true;
        co_return ErrorCode();
      }
      const int wanted = SSL_get_error(ssl_.get(), n);
      if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) co_return Errc::tls_handshake;
      const Ready ready = wanted == SSL_ERROR_WANT_READ ? Ready::read : Ready::write;
      const ErrorCode error = co_await SocketStream::wait(ready, deadline);
      if (error) co_return error;
    }
  }

  Io try_read(asio::mutable_buffer buffer) noexcept override {
    if (!is_open()) return {Errc::cancelled, 0};
    ERR_clear_error();
    errno = 0;
    const int n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(std::min<std::size_t>(buffer.size(), INT_MAX)));
    if (n > 0) return {{}, static_cast<std::size_t>(n)};
    return {failure(n, read_needs_), 0};
  }

  Io try_write(std::span<const asio::const_buffer> buffers) noexcept override {
    if (!is_open()) return {Errc::cancelled, 0};
    ERR_clear_error();
    errno = 0;
    std::array<char, max_record> gathered;
    const void* data = buffers[0].data();
    std::size_t size = buffers[0].size();
    if (buffers.size() > 1 && size < max_record) {
      // One record for head, framing and body together: fewer records, fewer packets.
      size = 0;
      for (const asio::const_buffer& buffer : buffers) {
        const std::size_t part = std::min(buffer.size(), max_record - size);
        if (part == 0) continue;
        std::memcpy(gathered.data() + size, buffer.data(), part);
        size += part;
        if (size == max_record) break;
      }
      data = gathered.data();
    }
    const int n = SSL_write(ssl_.get(), data, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (n > 0) return {{}, static_cast<std::size_t>(n)};
    return {failure(n, write_needs_), 0};
  }

  awaitable<ErrorCode> wait(Ready purpose, TimePoint deadline) override {
    return wait_for(purpose, purpose == Ready::read ? read_needs_ : write_needs_, deadline);
  }

  void shutdown_send() noexcept override {
    if (!is_open()) return;
    say_goodbye();
    SocketStream::shutdown_send();
  }
  void close() noexcept override {
    if (!is_open()) return;
    say_goodbye();
    SocketStream::close();
  }
  void abort() noexcept override {
    broken_ = true;
    SocketStream::abort();
  }
  bool has_buffered() const noexcept override { return SSL_has_pending(ssl_.get()) != 0; }
  bool is_tls() const noexcept override { return true; }

  std::vector<std::uint8_t> peer_certificate() const override {
    std::vector<std::uint8_t> der;
    const bool verified =
        (SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER) != 0 && SSL_get_verify_result(ssl_.get()) == X509_V_OK;
    const X509* const certificate = verified ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
    const int size = certificate == nullptr ? 0 : i2d_X509(certificate, nullptr);
    if (size <= 0) return der;
    der.resize(static_cast<std::size_t>(size));
    std::uint8_t* out = der.data();
    i2d_X509(certificate, &out);
    return der;
  }

 private:
  static constexpr std::size_t max_record = 16 << 10;

  // What OpenSSL reads from and writes to: the socket, as far as it is known to be ready.
  static const BIO_METHOD* transport() {
    static const auto method = [] {
      Owned<BIO_METHOD, BIO_meth_free> made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "spillway"));
      BIO_meth_set_read(made.get(), read_raw);
      BIO_meth_set_write(made.get(), write_raw);
      BIO_meth_set_ctrl(made.get(), control);
      return made;
    }();
    return method.get();
  }
  static int read_raw(BIO* bio, char* data, int size) {
    auto* const self = static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t n = self->receive(data, static_cast<std::size_t>(size));
    self->end_of_records_ = n == 0;
    if (n < 0 && io_error(errno) == Errc::would_block) BIO_set_retry_read(bio);
    return static_cast<int>(n);
  }
  static int write_raw(BIO* bio, const char* data, int size) {
    auto* const self = static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const asio::const_buffer buffer(data, static_cast<std::size_t>(size));
    const ssize_t n = self->transmit({&buffer, 1});
    if (n < 0 && io_error(errno) == Errc::would_block) BIO_set_retry_write(bio);
    return static_cast<int>(n);
  }
  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return static_cast<TlsStream*>(BIO_get_data(bio))->end_of_records_ ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  void say_goodbye() noexcept {
    if (!established_ || broken_) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());  // sends close_notify if there is room; the peer's is not waited for
    broken_ = true;
  }

  ErrorCode failure(int n, Ready& needs) noexcept {
    switch (SSL_get_error(ssl_.get(), n)) {
      case SSL_ERROR_WANT_READ: needs = Ready::read; return Errc::would_block;
      case SSL_ERROR_WANT_WRITE: needs = Ready::write; return Errc::would_block;
      case SSL_ERROR_ZERO_RETURN: return Errc::end_of_stream;
      case SSL_ERROR_SYSCALL: broken_ = true; return errno != 0 ? system_error(errno) : ErrorCode(Errc::truncated);
      default:
        broken_ = true;
        return ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? Errc::truncated
                                                                                      : Errc::tls_protocol;
    }
  }

  std::shared_ptr<const void> owner_;  // keeps the context, whose callbacks point to it, alive
  Ssl ssl_;
  Ready read_needs_ = Ready::read;
  Ready write_needs_ = Ready::write;
  bool established_ = false;
  bool broken_ = false;
  bool end_of_records_ = false;  // the peer has closed below TLS
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
  if (descriptor < 0) co_return system_error(errno);
  const int started = ::connect(descriptor, address.data(), static_cast<socklen_t>(address.size()));
  if (started != 0 && errno != EINPROGRESS) {
    const int reason = errno;
    ::close(descriptor);
    co_return system_error(reason);
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
    if (reason != 0) co_return system_error(reason);
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
