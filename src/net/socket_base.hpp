#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "spillway/base/failure.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/stream.hpp"
#include "spillway/net/suspension.hpp"
#include "spillway/net/tls.hpp"

namespace spillway::net {

// What TCP and TLS streams share: the descriptor, what is known of it, and the waits for it, one to read and one to
// write. The reactor tells of each change once; what it told holds until the kernel has nothing more to give, or no
// more room, so that no system call is made whose outcome is known.
class SocketStream : public Stream, private EventTarget {
 public:
  // `connected`: false while a connect is under way, whose end counts as readiness to write.
  SocketStream(Loop& loop, int descriptor, bool connected = true);
  ~SocketStream() override;

  Suspension::Wait wait(Ready purpose, TimePoint deadline) override;
  void watch(Watcher& watcher) override;
  void unwatch() noexcept override { watcher_ = nullptr; }
  void look_afresh() noexcept override { ready(Ready::read) = true; }
  void cancel() noexcept override;
  void close() noexcept override;
  void abort() noexcept override;
  void shutdown_send() noexcept override;
  bool is_open() const noexcept override { return descriptor_ >= 0; }
  bool peer_has_closed() const noexcept override;
  std::string peer() const override;

 protected:
  // -1 once closed: the number may belong to somebody else's socket by then.
  int descriptor() const noexcept { return descriptor_; }
  // Waits in order to read or to write, until the descriptor can do what that takes: under TLS a read may have to write
  // first, and the other way round.
  Suspension::Wait wait_for(Ready purpose, Ready needs, TimePoint deadline);

  // recv(2) and sendmsg(2), which are not asked when they would block. As those, with errno.
  ssize_t receive(void* data, std::size_t size) noexcept;
  ssize_t transmit(std::span<const asio::const_buffer> buffers) noexcept;

 private:
  struct Waiter {
    explicit Waiter(Loop& loop) noexcept : suspension(loop) {}
    Suspension suspension;
    Ready needs = Ready::read;
  };
  void on_events(std::uint32_t events) override;
  class Life;
  bool resume(Ready direction, const Life& life);
  bool& ready(Ready direction) noexcept { return ready_[static_cast<std::size_t>(direction)]; }

  Loop& loop_;
  int descriptor_;
  std::array<Waiter, 2> waiters_;  // by purpose
  std::array<bool, 2> ready_;      // by direction of the descriptor: the kernel may have something to give, or room
  bool peer_ended_ = false;        // its end or an error stands behind what can be read
  Life* life_ = nullptr;           // while it hears of events
  Watcher* watcher_ = nullptr;
};

// What a system call says in errno: Errc::would_block, or the system's error.
ErrorCode io_error(int number) noexcept;

// Connects to one address and, with `tls`, runs the handshake. `stage` says how far it came when there is an error.
awaitable<ErrorCode> connect(Loop& loop, const asio::ip::tcp::endpoint& address, const std::shared_ptr<TlsClient>& tls,
                             TimePoint deadline, CancelSlot& slot, std::unique_ptr<Stream>& out, Stage& stage);

}  // namespace spillway::net
