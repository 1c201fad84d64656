#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "spillway/base/error.hpp"
#include "spillway/base/time.hpp"
#include "spillway/http/reader.hpp"
#include "spillway/listener/handler.hpp"
#include "spillway/listener/limits.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/tls.hpp"

namespace spillway::listener {

class Session;

// Limits and deadlines of the client side.
struct SessionOptions {
  http::HeadLimits head;
  std::uint64_t max_request_body = 512ULL << 20;
  Milliseconds request_header{
      10'000};  // from the first byte of a request to the end of its head; also the TLS handshake
  Milliseconds request_body_idle{60'000};
  Milliseconds keep_alive{75'000};
  Milliseconds write_idle{60'000};
};

// The client connections of one worker. Lives on its loop; only `adopt_from_elsewhere` may be called from other
// threads.
class Hub {
 public:
  // `bodies` null: without a limit.
  Hub(net::Loop& loop, Handler& handler, const SessionOptions& options, BodyMemory* bodies = nullptr);
  ~Hub();

  // A connection that has been accepted.
  struct Arrival {
    int descriptor = -1;
    std::shared_ptr<net::TlsServer> tls;  // null: plain HTTP
    ConnectionLimit* limit = nullptr;     // where it is counted already
    bool overloaded = false;              // its first request is answered with 503
  };
  void adopt_from_elsewhere(Arrival arrival);

  // For requests that begin from now on.
  void set_options(const SessionOptions& options) { options_ = options; }

  // Idle connections are closed now, others after their answer. `when_empty` is called once none is left.
  void drain(UniqueFunction<void()> when_empty);
  // Tells those who asked (Exchange::on_dismissal) that `abort_all` will follow soon.
  void dismiss_all();
  // Ends every connection now; answers under way are cut.
  void abort_all();

  std::size_t size() const noexcept { return sessions_.size(); }

 private:
  friend class Session;
  void adopt(Arrival arrival);
  void ended(std::list<std::unique_ptr<Session>>::iterator session, ConnectionLimit& limit);

  net::Loop& loop_;
  Handler& handler_;
  SessionOptions options_;
  BodyMemory* bodies_;
  std::list<std::unique_ptr<Session>> sessions_;
  bool draining_ = false;
  bool dismissed_ = false;
  UniqueFunction<void()> when_empty_;
};

// One listening socket. Deals accepted connections to the hubs in turn; with a listening socket per worker the kernel
// spreads few connections unevenly. Runs on the loop it was made on. Running out of descriptors makes it pause, not
// stop.
class Listener final : private net::EventTarget {
 public:
  // Binds and listens; the error text says why not. `host` is a literal address; port 0 chooses a free one. An IPv6
  // address takes IPv6 only.
  static Result<std::unique_ptr<Listener>> open(net::Loop& loop, const std::string& host, std::uint16_t port,
                                                std::shared_ptr<net::TlsServer> tls, std::vector<Hub*> hubs,
                                                ConnectionLimit& limit, std::string& problem);
  ~Listener();

  void start();
  // Closes the socket: later connections are refused.
  void stop() noexcept;

  // For connections accepted from now on.
  void set_tls(std::shared_ptr<net::TlsServer> tls) { tls_ = std::move(tls); }

  std::uint16_t port() const noexcept { return port_; }
  std::string address() const;  // `127.0.0.1:8443`

 private:
  Listener(net::Loop& loop, std::shared_ptr<net::TlsServer> tls, std::vector<Hub*> hubs, ConnectionLimit& limit);
  void on_events(std::uint32_t events) override;
  void accept();
  void pause();
  void close() noexcept;

  net::Loop& loop_;
  int descriptor_ = -1;
  std::shared_ptr<net::TlsServer> tls_;
  std::vector<Hub*> hubs_;
  ConnectionLimit& limit_;
  net::Alarm resume_;
  std::size_t next_ = 0;
  std::string host_;
  std::uint16_t port_ = 0;
  bool started_ = false;
  TimePoint last_complaint_{};
};

}  // namespace spillway::listener
