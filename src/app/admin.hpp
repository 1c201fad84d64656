#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "events.hpp"
#include "spillway/config/load.hpp"
#include "spillway/forward/snapshot.hpp"
#include "spillway/identity/tokens.hpp"
#include "spillway/identity/vault.hpp"
#include "spillway/listener/handler.hpp"
#include "spillway/observe/metrics.hpp"
#include "trails.hpp"
#include "watchdog.hpp"

namespace spillway::app {

// What the admin listener can ask of the gateway. Called on the control loop.
class Operations {
 public:
  virtual ~Operations() = default;

  struct Source {
    std::string path;
    std::string sha256;
    WallTime loaded_at{};
  };
  virtual const forward::Snapshot& snapshot() const = 0;
  virtual const Source& source() const = 0;
  virtual WallTime started_at() const = 0;
  virtual bool draining() const = 0;
  virtual const observe::Metrics& metrics() const = 0;
  // What the gateway keeps fresh for itself.
  virtual identity::Credentials credentials() const = 0;
  virtual std::vector<identity::Vault::Kept> secrets() const = 0;
  virtual const observe::SpanQueue& spans() const = 0;
  virtual const Watchdog& watchdog() const = 0;
  virtual const Events& events() const = 0;
  virtual const Trails& trails() const = 0;
  // Loads the file again. Empty when it is in force; else what is wrong, a line each.
  virtual net::awaitable<std::vector<std::string>> reload() = 0;
};

// Health, readiness, status (for programs and as a page), metrics, reload, and where a request would go.
class Admin final : public listener::Handler {
 public:
  explicit Admin(Operations& operations) : operations_(operations) {}

  listener::awaitable<void> handle(listener::Exchange& client) override;
  listener::Reply refuse(const http::Rejection& rejection, const std::string& peer) override;

 private:
  listener::awaitable<listener::Reply> answer(const http::RequestHead& head);
  listener::Reply explain(std::string_view query) const;
  listener::Reply ready() const;
  listener::Reply status(std::string_view query) const;
  listener::Reply metrics() const;
  listener::awaitable<listener::Reply> reload();

  Operations& operations_;
};

// The document of `/status`. `with_history`: with what happened in each slice of the last minutes, too.
std::string status_json(const Operations& operations, TimePoint now, WallTime time, bool with_history);

}  // namespace spillway::app
