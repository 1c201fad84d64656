#pragma once

#include <memory>

#include "spillway/forward/access_lines.hpp"
#include "spillway/forward/snapshot.hpp"
#include "spillway/listener/handler.hpp"
#include "spillway/net/connection.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/observe/metrics.hpp"

namespace spillway::forward {

// What a worker lends to the requests on it.
struct Services {
  net::Loop& loop;
  net::ConnectionCache& connections;
  observe::Metrics& metrics;
  AccessLines& access_log;
};

// Turns client requests into answers of backends: the handler of one worker's client connections.
class Proxy final : public listener::Handler {
 public:
  Proxy(const Services& services, std::shared_ptr<const Snapshot> snapshot)
      : services_(services), snapshot_(std::move(snapshot)) {}

  // For requests that begin from now on. On the worker's loop.
  void use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

  listener::awaitable<void> handle(listener::Exchange& client) override;
  listener::Reply refuse(const http::Rejection& rejection, const std::string& peer) override;

 private:
  Services services_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace spillway::forward
