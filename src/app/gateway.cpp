#include "gateway.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <utility>

#include "cpus.hpp"
#include "descriptors.hpp"
#include "memory.hpp"
#include "spillway/base/fault.hpp"
#include "spillway/base/log.hpp"
#include "spillway/version.hpp"

namespace spillway::app {
namespace {

constexpr std::size_t admin_connections = 256;

}  // namespace

Gateway::Gateway(std::string path, config::Environment environment, Milliseconds look_every)
    : started_at_(std::chrono::system_clock::now()),
      tokens_(loop_, resolver_, token_options(environment)),
      loader_(loop_, resolver_, tokens_, loader_options(std::move(path), std::move(environment), look_every)),
      tenants_(loop_, resolver_, tenant_options()),
      exporter_(loop_, resolver_),
      watchdog_(metrics_.loop_stalls()),
      admin_(*this),
      admin_limit_(admin_connections),
      signals_(loop_),
      slice_(
          loop_.timers(), [](void* self) { static_cast<Gateway*>(self)->end_slice(); }, this),
      rounds_(
          loop_.timers(), [](void* self) { static_cast<Gateway*>(self)->watch(); }, this),
      delay_(
          loop_.timers(), [](void* self) { static_cast<Gateway*>(self)->stop_accepting(); }, this),
      farewell_(
          loop_.timers(),
          [](void* self) {
            for (const auto& worker : static_cast<Gateway*>(self)->workers_) worker->dismiss_connections();
          },
          this),
      patience_(
          loop_.timers(),
          [](void* self) {
            log::warn("drain_timeout is over; connections still busy are cut");
            for (const auto& worker : static_cast<Gateway*>(self)->workers_) worker->abort_connections();
          },
          this) {}

Gateway::~Gateway() {
  // Connections hold coroutines that must end on their own loops before those go.
  for (const auto& worker : workers_) worker->stop();
  loader_.shut();
  tokens_.shut();
  tenants_.shut();
  exporter_.shut();
}

Loader::Options Gateway::loader_options(std::string path, config::Environment environment, Milliseconds look_every) {
  const auto changed = [this](std::string_view what) {
    if (stopping_) return;
    log::info(what, {{"then", "the configuration is loaded again"}});
    reload_soon(Loader::What::again);
  };
  const auto fetched = [this](const config::VaultSecret& secret, bool good) {
    metrics_.secret_fetches(secret.text()).result(good).add();
  };
  return {std::move(path), std::move(environment), look_every, changed, fetched};
}

identity::Tokens::Options Gateway::token_options(config::Environment environment) {
  identity::Tokens::Options options;
  options.environment = std::move(environment);
  options.gained = [this](const identity::Credential& credential) {
    if (snapshot_) snapshot_->credential_came(credential);
  };
  options.fetched = [this](const identity::Credential& credential, bool good) {
    metrics_.token_fetches(credential.description(), credential.resource()).result(good).add();
  };
  return options;
}

identity::Tenants::Options Gateway::tenant_options() {
  identity::Tenants::Options options;
  options.fetched = [this](const routing::TokenAccess::Tenant& tenant, bool good) {
    metrics_.tenant_key_fetches(tenant.id, tenant.authority).result(good).add();
  };
  return options;
}

std::shared_ptr<const forward::Snapshot> Gateway::make_snapshot(std::shared_ptr<const config::Config> config) {
  pool::TransitionObserver observer = [this](std::string_view backend, std::string_view deployment,
                                             const pool::Transition& change) {
    metrics_.transitions(backend, deployment, pool::name(change.from), pool::name(change.to)).add();
    events_.add(backend, deployment, change, std::chrono::system_clock::now());
    if (change.to == pool::CircuitState::open) {
      log::warn("circuit opened", {{"backend", backend},
                                   {"deployment", deployment},
                                   {"rule", change.rule},
                                   {"open_for_ms", change.open_for.count()}});
      if (change.retry_after) {
        log::warn("a backend asked for a longer wait than max_retry_after allows",
                  {{"backend", backend}, {"deployment", deployment}, {"asked_ms", change.retry_after->count()}});
      }
    } else {
      log::info("circuit changed", {{"backend", backend},
                                    {"deployment", deployment},
                                    {"from", pool::name(change.from)},
                                    {"to", pool::name(change.to)}});
    }
  };
  identity::Credentials credentials = tokens_.credentials(*config);
  identity::ClientTokens tokens = tenants_.client_tokens(*config, snapshot_ ? &snapshot_->tokens() : nullptr);
  return std::make_shared<const forward::Snapshot>(std::move(config), snapshot_.get(), metrics_, std::move(observer),
                                                   std::move(credentials), std::move(tokens), exporter_.queue());
}

bool Gateway::start(bool handle_signals) {
  // SIGUSR1 and SIGUSR2 would end the process, as servers whose logs are rotated by a signal would not expect.
  if (handle_signals)
    signals_.listen({SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}, [this](int signal) { on_signal(signal); });
  bool begun = false;
  loop_.spawn(begin(begun), [&](const std::exception_ptr& thrown) {
    report_fault("cannot start", thrown);
    loop_.stop();
  });
  loop_.run();
  loop_.restart();
  return begun;
}

net::awaitable<void> Gateway::begin(bool& begun) {
  const config::Loaded loaded = co_await loader_.load(Loader::What::file);
  if (stopping_)
    begun = true;  // asked to stop before it has started: there is nothing to stop
  else if (loaded.config)
    begun = open(loaded);
  else
    for (const config::Problem& problem : loaded.problems) log::error(config::format(problem, loader_.path()));
}

bool Gateway::open(const config::Loaded& loaded) {
  first_config_ = loaded.config;
  log::configure(loaded.config->log.level, loaded.config->log.format);
  for (const config::Problem& warning : loaded.warnings) log::warn(config::format(warning, loader_.path()));
  prepare_descriptors();
  try {
    snapshot_ = make_snapshot(loaded.config);
  } catch (const std::exception& error) {
    log::error("cannot start", {{"error", error.what()}});
    return false;
  }
  exporter_.use(loaded.config->tracing);
  source_ = {loader_.path(), loaded.sha256, std::chrono::system_clock::now()};
  refresh_names();

  limit_.emplace(affordable_connections(loaded.config->limits.max_connections), &metrics_.client_connections());
  bodies_.emplace(body_memory(loaded.config->limits, usable_memory()), &metrics_.body_memory());
  const int count = loaded.config->workers.value_or(usable_cpus());
  const listener::SessionOptions options = session_options(*loaded.config);
  for (int i = 0; i < count; ++i) {
    const auto evict = [this](const std::shared_ptr<net::Endpoint>& endpoint) {
      for (const auto& worker : workers_) worker->evict_one(endpoint);
    };
    workers_.push_back(std::make_unique<Worker>(resolver_, metrics_, snapshot_, options, *bodies_, evict));
    watchdog_.watch(workers_.back()->loop());
  }
  if (!open_listeners() || !open_admin()) return false;
  trails_.follow(snapshot_->fleet(), metrics_, loop_.now());
  slice_.set(loop_.now() + Trails::slice);
  rounds_.set(loop_.now() + Watchdog::interval);
  for (const auto& worker : workers_) worker->start();
  for (const auto& listener : listeners_) listener->start();
  loader_.accepted(loaded);
  log::info("serving", {{"version", version}, {"config", loader_.path()}, {"workers", count}});
  return true;
}

int Gateway::run() {
  if (snapshot_) loop_.run();
  for (const auto& worker : workers_) worker->stop();
  log::info("stopped");
  return 0;
}

std::vector<std::string> Gateway::addresses() const {
  std::vector<std::string> all;
  for (const auto& listener : listeners_) all.push_back(listener->address());
  return all;
}

std::optional<std::string> Gateway::admin_address() const {
  if (!admin_listener_) return std::nullopt;
  return admin_listener_->address();
}

void Gateway::watch() {
  watchdog_.look(loop_.now());
  rounds_.set(loop_.now() + Watchdog::interval);
}

void Gateway::end_slice() {
  trails_.turn(snapshot_->fleet(), metrics_, loop_.now());
  slice_.set(loop_.now() + Trails::slice);
  refresh_names();
}

}  // namespace spillway::app
