#pragma once

#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "spillway/forward/proxy.hpp"
#include "spillway/listener/listener.hpp"
#include "spillway/net/connection.hpp"
#include "spillway/net/loop.hpp"

namespace spillway::app {

// One event loop with its client connections, its backend connections and its thread.
class Worker {
 public:
  Worker(net::Resolver& resolver, observe::Metrics& metrics, std::shared_ptr<const forward::Snapshot> snapshot,
         const listener::SessionOptions& options, listener::BodyMemory& bodies, net::ConnectionCache::Evict evict);
  ~Worker();

  void start();
  // The following may be called from any thread.
  // The future is ready once requests that begin here go by the new configuration.
  std::future<void> use(std::shared_ptr<const forward::Snapshot> snapshot, const listener::SessionOptions& options);
  void evict_one(const std::shared_ptr<net::Endpoint>& endpoint);
  // `drained` is called on this worker's thread once no client connection is left.
  void drain(std::function<void()> drained);
  // Parts in order from whoever can be parted from; before `abort_connections`.
  void dismiss_connections();
  void abort_connections();
  // Ends the loop and waits for the thread. Every connection has ended before.
  void stop();

  listener::Hub& hub() noexcept { return hub_; }
  const net::Loop& loop() const noexcept { return loop_; }

 private:
  net::Loop loop_;
  net::ConnectionCache connections_;
  forward::AccessLines access_log_;
  forward::Proxy proxy_;
  listener::Hub hub_;
  std::jthread thread_;
};

// What a configuration says of the client side.
listener::SessionOptions session_options(const config::Config& config);

}  // namespace spillway::app
