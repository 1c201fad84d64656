#include "tls_stream.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "spillway/base/owned.hpp"

namespace spillway::net {
namespace {

constexpr std::size_t max_record = 16 << 10;

}  // namespace

TlsStream::TlsStream(Loop& loop, int descriptor, Ssl ssl, std::shared_ptr<const void> owner, bool connected)
    : SocketStream(loop, descriptor, connected), owner_(std::move(owner)), ssl_(std::move(ssl)) {
  BIO* const bio = BIO_new(transport());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
}

TlsStream::~TlsStream() {
  TlsStream::close();
}

const BIO_METHOD* TlsStream::transport() {
  static const auto method = [] {
    Owned<BIO_METHOD, BIO_meth_free> made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "spillway"));
    BIO_meth_set_read(made.get(), read_raw);
    BIO_meth_set_write(made.get(), write_raw);
    BIO_meth_set_ctrl(made.get(), control);
    return made;
  }();
  return method.get();
}

int TlsStream::read_raw(BIO* bio, char* data, int size) {
  auto* const self = static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t n = self->receive(data, static_cast<std::size_t>(size));
  self->end_of_records_ = n == 0;
  if (n < 0 && io_error(errno) == Errc::would_block) BIO_set_retry_read(bio);
  return static_cast<int>(n);
}

int TlsStream::write_raw(BIO* bio, const char* data, int size) {
  auto* const self = static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const asio::const_buffer buffer(data, static_cast<std::size_t>(size));
  const ssize_t n = self->transmit({&buffer, 1});
  if (n < 0 && io_error(errno) == Errc::would_block) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

long TlsStream::control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return static_cast<TlsStream*>(BIO_get_data(bio))->end_of_records_ ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

awaitable<ErrorCode> TlsStream::handshake(TimePoint deadline) {
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

Io TlsStream::try_read(asio::mutable_buffer buffer) noexcept {
  if (!is_open()) return {Errc::cancelled, 0};
  ERR_clear_error();
  errno = 0;
  const int n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(std::min<std::size_t>(buffer.size(), INT_MAX)));
  if (n > 0) return {{}, static_cast<std::size_t>(n)};
  return {failure(n, read_needs_), 0};
}

Io TlsStream::try_write(std::span<const asio::const_buffer> buffers) noexcept {
  if (!is_open()) return {Errc::cancelled, 0};
  ERR_clear_error();
  errno = 0;
  std::array<char, max_record> gathered;
  const void* data = buffers[0].data();
  std::size_t size = buffers[0].size();
  if (buffers.size() > 1 && size < max_record) {
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

bool TlsStream::has_buffered() const noexcept {
  return SSL_has_pending(ssl_.get()) != 0;
}

Suspension::Wait TlsStream::wait(Ready purpose, TimePoint deadline) {
  return wait_for(purpose, purpose == Ready::read ? read_needs_ : write_needs_, deadline);
}

void TlsStream::shutdown_send() noexcept {
  if (!is_open()) return;
  say_goodbye();
  SocketStream::shutdown_send();
}

void TlsStream::close() noexcept {
  if (!is_open()) return;
  say_goodbye();
  SocketStream::close();
}

void TlsStream::abort() noexcept {
  broken_ = true;
  SocketStream::abort();
}

std::vector<std::uint8_t> TlsStream::peer_certificate() const {
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

void TlsStream::say_goodbye() noexcept {
  if (!established_ || broken_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());  // sends close_notify if there is room; the peer's is not waited for
  broken_ = true;
}

ErrorCode TlsStream::failure(int n, Ready& needs) noexcept {
  switch (SSL_get_error(ssl_.get(), n)) {
    case SSL_ERROR_WANT_READ: needs = Ready::read; return Errc::would_block;
    case SSL_ERROR_WANT_WRITE: needs = Ready::write; return Errc::would_block;
    case SSL_ERROR_ZERO_RETURN: return Errc::end_of_stream;
    case SSL_ERROR_SYSCALL: broken_ = true; return errno != 0 ? io_error(errno) : ErrorCode(Errc::truncated);
    default:
      broken_ = true;
      return ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? Errc::truncated
                                                                                    : Errc::tls_protocol;
  }
}

}  // namespace spillway::net
