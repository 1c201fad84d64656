#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin.hpp"
#include "exporter.hpp"
#include "loader.hpp"
#include "spillway/config/load.hpp"
#include "spillway/identity/tenants.hpp"
#include "spillway/identity/tokens.hpp"
#include "spillway/listener/listener.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/resolver.hpp"
#include "spillway/net/signals.hpp"
#include "worker.hpp"

namespace spillway::app {

// The TLS side of a listener; an error text when its files cannot be used.
Result<std::shared_ptr<net::TlsServer>> make_server(const config::ListenerTls& tls, std::string& problem);

// How many client connections the listener may have; more than anybody can open without a limit of its own.
std::size_t most_connections(const config::Listener& listener);

// The daemon: listeners, workers and the state they share; start, reload, drain. Lives on the control loop, whose
// thread is the one that calls `run`.
class Gateway final : public Operations {
 public:
  // `path` is read again at each reload. `look_every`: how often the files it refers to are looked at for changes.
  Gateway(std::string path, config::Environment environment, Milliseconds look_every = Milliseconds(2'000));
  ~Gateway() override;

  // Loads, binds and starts the workers. Takes as long as secrets of Key Vault do. False: the problems have been
  // written to the log.
  bool start(bool handle_signals);
  // Serves until it has been told to stop and has drained. Exit code.
  int run();

  // Any thread: as SIGTERM does.
  void request_stop();
  // Any thread: as SIGHUP does.
  void request_reload();

  // After `start`: where it listens, in the order of the configuration; for port 0.
  std::vector<std::string> addresses() const;
  std::optional<std::string> admin_address() const;

  const forward::Snapshot& snapshot() const override { return *snapshot_; }
  const Source& source() const override { return source_; }
  WallTime started_at() const override { return started_at_; }
  bool draining() const override { return draining_; }
  const observe::Metrics& metrics() const override { return metrics_; }
  identity::Credentials credentials() const override { return tokens_.kept(); }
  std::vector<identity::Vault::Kept> secrets() const override { return loader_.secrets(); }
  const observe::SpanQueue& spans() const override { return *exporter_.queue(); }
  const Watchdog& watchdog() const override { return watchdog_; }
  const Events& events() const override { return events_; }
  const Trails& trails() const override { return trails_; }
  net::awaitable<std::vector<std::string>> reload() override { return reload(Loader::What::file); }

 private:
  Loader::Options loader_options(std::string path, config::Environment environment, Milliseconds look_every);
  net::awaitable<void> begin(bool& begun);
  bool open(const config::Loaded& loaded);
  void reload_soon(Loader::What what);
  net::awaitable<std::vector<std::string>> reload(Loader::What what);
  std::vector<std::string> put_in_force(const config::Loaded& loaded);
  bool open_listeners();
  bool open_admin();
  identity::Tokens::Options token_options(config::Environment environment);
  identity::Tenants::Options tenant_options();
  std::shared_ptr<const forward::Snapshot> make_snapshot(std::shared_ptr<const config::Config> config);
  std::vector<std::shared_ptr<net::TlsServer>> make_tls(std::vector<std::string>& problems) const;
  void apply(const config::Loaded& loaded);
  void end_slice();
  void refresh_names();
  void watch();
  void on_signal(int signal);
  void stop();
  void stop_accepting();
  void drained();
  void finish();

  WallTime started_at_;
  Source source_;
  std::shared_ptr<const config::Config> first_config_;  // whose listeners, admin and workers are in force

  observe::Metrics metrics_;
  Events events_;
  Trails trails_;
  net::Loop loop_;
  net::Resolver resolver_;
  identity::Tokens tokens_;
  Loader loader_;
  identity::Tenants tenants_;
  Exporter exporter_;
  std::shared_ptr<const forward::Snapshot> snapshot_;
  std::optional<listener::ConnectionLimit> limit_;
  std::list<listener::ConnectionLimit> listener_limits_;  // as `listeners_`
  std::optional<listener::BodyMemory> bodies_;
  Watchdog watchdog_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<listener::Listener>> listeners_;

  Admin admin_;
  listener::ConnectionLimit admin_limit_;
  std::optional<listener::Hub> admin_hub_;
  std::unique_ptr<listener::Listener> admin_listener_;

  net::Signals signals_;
  net::Alarm slice_;
  net::Alarm rounds_;
  net::Alarm delay_;
  net::Alarm farewell_;
  net::Alarm patience_;
  bool stopping_ = false;
  bool draining_ = false;
  std::size_t busy_workers_ = 0;
};

}  // namespace spillway::app
