#pragma once

#include <openssl/bio.h>

#include <memory>

#include "socket_base.hpp"

namespace spillway::net {

// TLS by OpenSSL, which reads and writes the socket as far as it is known to be ready.
class TlsStream final : public SocketStream {
 public:
  // `owner` is what the session's callbacks point to.
  TlsStream(Loop& loop, int descriptor, Ssl ssl, std::shared_ptr<const void> owner, bool connected = true);
  ~TlsStream() override;

  awaitable<ErrorCode> handshake(TimePoint deadline);

  Io try_read(asio::mutable_buffer buffer) noexcept override;
  // Several buffers become one record, as far as one holds them: fewer records, fewer packets.
  Io try_write(std::span<const asio::const_buffer> buffers) noexcept override;
  bool has_buffered() const noexcept override;
  Suspension::Wait wait(Ready purpose, TimePoint deadline) override;

  void close() noexcept override;
  void abort() noexcept override;
  void shutdown_send() noexcept override;

  bool is_tls() const noexcept override { return true; }
  std::vector<std::uint8_t> peer_certificate() const override;

 private:
  static const BIO_METHOD* transport();
  static int read_raw(BIO* bio, char* data, int size);
  static int write_raw(BIO* bio, const char* data, int size);
  static long control(BIO* bio, int command, long number, void* pointer);

  void say_goodbye() noexcept;
  ErrorCode failure(int n, Ready& needs) noexcept;

  std::shared_ptr<const void> owner_;
  Ssl ssl_;
  Ready read_needs_ = Ready::read;
  Ready write_needs_ = Ready::write;
  bool established_ = false;
  bool broken_ = false;
  bool end_of_records_ = false;  // the peer has closed below TLS
};

}  // namespace spillway::net
