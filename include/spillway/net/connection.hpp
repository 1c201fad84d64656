#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "spillway/base/failure.hpp"
#include "spillway/base/time.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/resolver.hpp"
#include "spillway/net/socket_stream.hpp"
#include "spillway/net/stream.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::net {

class ConnectionCache;
class Endpoint;

// One of the connections an endpoint may have; given back when it dies.
class Slot {
 public:
  Slot() = default;
  explicit Slot(std::shared_ptr<Endpoint> endpoint) noexcept : endpoint_(std::move(endpoint)) {}
  Slot(Slot&&) noexcept = default;
  Slot& operator=(Slot&& other) noexcept;
  ~Slot();
  explicit operator bool() const noexcept { return endpoint_ != nullptr; }

 private:
  std::shared_ptr<Endpoint> endpoint_;
};

// Where a backend is and how it is spoken to. Shared by all workers; thread-safe. Never more than `max_connections` are
// open, idle ones included: when a worker needs one while others hold idle ones, those are asked to give one up.
class Endpoint : public std::enable_shared_from_this<Endpoint> {
 public:
  Endpoint(std::string host, std::uint16_t port, std::shared_ptr<TlsClient> tls, std::uint32_t max_connections);

  const std::string& host() const noexcept { return host_; }
  std::uint16_t port() const noexcept { return port_; }
  const std::shared_ptr<TlsClient>& tls() const noexcept { return tls_; }
  std::uint32_t open_connections() const noexcept { return open_.load(std::memory_order_relaxed); }
  std::uint32_t idle_connections() const noexcept { return idle_.load(std::memory_order_relaxed); }

 private:
  friend class Slot;
  friend class ConnectionCache;
  Slot try_take();
  void give_back() noexcept;
  void wake_next() noexcept;
  void add_waiter(const std::weak_ptr<RemoteWake::Line>& line);
  bool is_waited_for() const;

  std::string host_;
  std::uint16_t port_;
  std::shared_ptr<TlsClient> tls_;
  std::uint32_t max_connections_;
  std::atomic<std::uint32_t> open_{0};
  std::atomic<std::uint32_t> idle_{0};
  mutable std::mutex mutex_;
  std::deque<std::weak_ptr<RemoteWake::Line>> waiters_;  // who waits for a slot
};

// A connection to a backend, in use by one attempt.
struct Connection {
  Slot slot;
  std::unique_ptr<Stream> stream;
  asio::ip::tcp::endpoint address;
  bool reused = false;  // it has carried a request before

  Connection() = default;
  Connection(Slot s, std::unique_ptr<Stream> st, const asio::ip::tcp::endpoint& a)
      : slot(std::move(s)), stream(std::move(st)), address(a) {}
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) noexcept = default;
};

struct DialFailure {
  ErrorCode error;
  Stage stage = Stage::connect;  // resolve, connect or handshake
  std::string detail;            // for the log: which address, what OpenSSL said
};

// Kept-alive connections of one worker, newest first. An idle one is watched: any byte or end from the backend closes
// it. One to an address that its backend's name has left is closed within `look_every`.
class ConnectionCache {
 public:
  // Asks the caches of other workers to give up an idle connection to the endpoint. Called when slots run out; any
  // thread.
  using Evict = std::function<void(const std::shared_ptr<Endpoint>&)>;

  // `trusted`: one that has been idle for less is taken without asking the kernel first whether something has come
  // since the loop heard from it last. Servers give connections up, and some say so with an answer, after long silence
  // only.
  ConnectionCache(Loop& loop, Resolver& resolver, Milliseconds idle_timeout, Evict evict_elsewhere,
                  Milliseconds trusted = Milliseconds(100), Milliseconds look_every = Milliseconds(10'000));
  ~ConnectionCache();

  // An idle connection, proved alive as far as that is possible; none = dial.
  bool take(const std::shared_ptr<Endpoint>& endpoint, Connection& out);

  // A new connection, TLS handshake included: every address in turn, each with its share of the time. False: `failure`
  // says why. Waits for a slot when the endpoint is at its limit.
  awaitable<bool> dial(std::shared_ptr<Endpoint> endpoint, TimePoint deadline, CancelSlot& slot, Connection& out,
                       DialFailure& failure);

  // Keeps a connection whose last answer was read to its end, unless somebody waits for its slot.
  void put(const std::shared_ptr<Endpoint>& endpoint, Connection connection);

  // Closes one idle connection to the endpoint, the oldest, if there is any.
  void evict_one(const std::shared_ptr<Endpoint>& endpoint);
  // Closes all idle ones to endpoints that `keep` does not accept.
  void retain(const std::function<bool(const Endpoint*)>& keep);
  void clear();

 private:
  class Idle;
  void drop(Idle& idle);
  void sweep();

  Loop& loop_;
  Resolver& resolver_;
  Milliseconds idle_timeout_;
  Milliseconds trusted_;
  Milliseconds look_every_;
  Evict evict_elsewhere_;
  Alarm sweep_alarm_;
  bool sweeping_ = false;  // the alarm is set
  std::unordered_map<const Endpoint*, std::deque<std::unique_ptr<Idle>>> idle_;
};

}  // namespace spillway::net
