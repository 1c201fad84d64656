#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/error.hpp"
#include "spillway/base/time.hpp"
#include "spillway/net/awaitable.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::net {

namespace asio = boost::asio;

// Result of one read or write. Errors: Errc::end_of_stream, would_block, timeout, cancelled, truncated (TLS ended
// without close_notify), tls_protocol, or the system's.
struct Io {
  ErrorCode error;
  std::size_t bytes = 0;

  Io() = default;
  Io(ErrorCode e, std::size_t n) noexcept : error(e), bytes(n) {}
};

enum class Ready { read, write };

// Told when a stream it watches has bytes, or its peer has gone.
class Watcher {
 public:
  virtual void on_readable() = 0;

 protected:
  ~Watcher() = default;
};

// A connected byte stream, TCP or TLS over TCP. Not thread-safe: belongs to the worker it was made on.
//
// The try_ functions never wait. `wait` is the only place where a coroutine is suspended for I/O, so an idle stream
// holds no buffer. One coroutine at a time may wait to read and one, the same or another, to write; while none waits to
// read, a watcher may look for readability.
class Stream : public Cancellable {
 public:
  ~Stream() override = default;

  // would_block also tells that nothing has come since the loop heard from the kernel last.
  virtual Io try_read(asio::mutable_buffer buffer) noexcept = 0;
  // The next read asks the kernel, whatever the loop has heard.
  virtual void look_afresh() noexcept = 0;
  // Several buffers go out in one system call, or one TLS record. Writes as much as fits. After would_block the same
  // bytes must be offered again.
  virtual Io try_write(std::span<const asio::const_buffer> buffers) noexcept = 0;

  // Bytes have been taken from the descriptor and wait in the TLS layer, so that readiness would not tell of them.
  virtual bool has_buffered() const noexcept = 0;

  // Suspends until the read or write that would have blocked may go on, `deadline` passes (timeout) or `cancel` is
  // called (cancelled; it ends both waits). May end early.
  virtual Suspension::Wait wait(Ready purpose, TimePoint deadline) = 0;

  // Calls `watcher.on_readable()` once, when a read would not block. None while a coroutine waits for reading.
  // `watcher` must outlive the watch; `unwatch` ends it.
  virtual void watch(Watcher& watcher) = 0;
  virtual void unwatch() noexcept = 0;

  // Some bytes, at least one.
  awaitable<Io> read_some(asio::mutable_buffer buffer, TimePoint deadline);
  // All of it. `idle` bounds each wait for room, anew after each progress; `deadline` bounds the whole.
  awaitable<ErrorCode> write(std::span<const asio::const_buffer> buffers, Milliseconds idle,
                             TimePoint deadline = no_deadline);
  awaitable<ErrorCode> write(std::string_view bytes, Milliseconds idle);

  // Says goodbye as far as it can without waiting (close_notify, FIN) and closes.
  virtual void close() noexcept = 0;
  // Closes with a reset, so that the peer cannot take what it got for the whole.
  virtual void abort() noexcept = 0;
  // Closes the sending side only.
  virtual void shutdown_send() noexcept = 0;
  virtual bool is_open() const noexcept = 0;
  // Looks, without reading, whether the peer has closed its sending side or reset the connection. Unread bytes of it
  // may still be there.
  virtual bool peer_has_closed() const noexcept = 0;

  virtual bool is_tls() const noexcept = 0;
  // The certificate (DER) the peer has shown, if it was verified: now, or when the session began that is resumed, so
  // that it may have expired since. Empty without one.
  virtual std::vector<std::uint8_t> peer_certificate() const { return {}; }
  // The peer's address in text, for the log.
  virtual std::string peer() const = 0;
};

}  // namespace spillway::net
