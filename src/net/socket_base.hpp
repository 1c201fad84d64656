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

// What TCP and TLS streams share: the descriptor and the waits for it, one to read and one to write. At most one wait
// for each direction of the descriptor stands with the reactor, whoever needs it; a readiness nobody waited for is
// remembered.
class SocketStream : public Stream {
 public:
  SocketStream(Loop& loop, int descriptor);
  ~SocketStream() override;

  awaitable<ErrorCode> wait(Ready purpose, TimePoint deadline) override;
  void watch(Watcher& watcher) override;
  void unwatch() noexcept override { watcher_ = nullptr; }
  void cancel() noexcept override;
  void close() noexcept override;
  void abort() noexcept override;
  void shutdown_send() noexcept override;
  bool is_open() const noexcept override;
  bool peer_has_closed() const noexcept override;
  std::string peer() const override;

 protected:
  // -1 once closed: the number may belong to somebody else's socket by then.
  int descriptor() const noexcept { return descriptor_; }
  // Waits in order to read or to write, until the descriptor can do what that takes: under TLS a read may have to write
  // first, and the other way round.
  awaitable<ErrorCode> wait_for(Ready purpose, Ready needs, TimePoint deadline);

 private:
  struct Waiter {
    explicit Waiter(Loop& loop) noexcept : suspension(loop) {}
    Suspension suspension;
    Ready needs = Ready::read;
  };
  // Outlives the stream as long as the reactor may still report to it.
  struct Registration;
  void arm(Ready ready);
  void on_ready(Ready ready);

  std::shared_ptr<Registration> registration_;
  int descriptor_;
  std::array<Waiter, 2> waiters_;  // by purpose
  std::array<bool, 2> ready_{};    // by direction of the descriptor
  Watcher* watcher_ = nullptr;
};

// Connects to one address and, with `tls`, runs the handshake. `stage` says how far it came when there is an error.
awaitable<ErrorCode> connect(Loop& loop, const asio::ip::tcp::endpoint& address, const std::shared_ptr<TlsClient>& tls,
                             TimePoint deadline, CancelSlot& slot, std::unique_ptr<Stream>& out, Stage& stage);

}  // namespace spillway::net
