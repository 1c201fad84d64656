#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <utility>

#include "descriptors.hpp"
#include "gateway.hpp"
#include "memory.hpp"
#include "restart.hpp"
#include "spillway/base/fault.hpp"
#include "spillway/base/log.hpp"

namespace spillway::app {

net::awaitable<std::vector<std::string>> Gateway::reload(Loader::What what) {
  const config::Loaded loaded = co_await loader_.load(what);
  std::vector<std::string> problems = put_in_force(loaded);
  metrics_.reloads(problems.empty()).add();
  events_.add_reload(loaded.sha256, problems, std::chrono::system_clock::now());
  for (const std::string& problem : problems) log::error("reload refused", {{"problem", problem}});
  co_return problems;
}

void Gateway::reload_soon(Loader::What what) {
  loop_.spawn(net::without_result(reload(what)),
              [](const std::exception_ptr& thrown) { report_fault("a reload ended in an exception", thrown); });
}

// Nothing is changed unless everything of the new file can be used.
std::vector<std::string> Gateway::put_in_force(const config::Loaded& loaded) {
  std::vector<std::string> problems;
  for (const config::Problem& problem : loaded.problems) problems.push_back(config::format(problem, loader_.path()));
  std::vector<std::shared_ptr<net::TlsServer>> tls;
  std::shared_ptr<const forward::Snapshot> next;
  if (problems.empty()) {
    tls = make_tls(problems);
  }
  if (problems.empty()) {
    try {
      next = make_snapshot(loaded.config);
    } catch (const std::exception& error) {
      problems.emplace_back(error.what());
    }
  }
  if (!next) {
    loader_.refused(loaded);
    tokens_.retain(snapshot_->config());
    tenants_.retain(snapshot_->tokens());
    return problems;
  }
  for (const config::Problem& warning : loaded.warnings) log::warn(config::format(warning, loader_.path()));
  for (const std::string& warning : changes_for_a_restart(*first_config_, *loaded.config)) log::warn(warning);
  snapshot_ = std::move(next);
  trails_.follow(snapshot_->fleet(), metrics_, loop_.now());
  for (std::size_t i = 0; i < listeners_.size(); ++i) listeners_[i]->set_tls(tls[i]);
  apply(loaded);
  loader_.accepted(loaded);
  tokens_.retain(snapshot_->config());
  tenants_.retain(snapshot_->tokens());
  return {};
}

// Certificates and keys of the listeners in force are read again.
std::vector<std::shared_ptr<net::TlsServer>> Gateway::make_tls(std::vector<std::string>& problems) const {
  std::vector<std::shared_ptr<net::TlsServer>> all;
  for (const config::Listener& listener : first_config_->listeners) {
    std::shared_ptr<net::TlsServer> tls;
    if (listener.tls) {
      std::string problem;
      auto made = make_server(*listener.tls, problem);
      if (made)
        tls = *made;
      else
        problems.push_back("listener " + listener.address.text() + ": " + problem);
    }
    all.push_back(std::move(tls));
  }
  return all;
}

void Gateway::apply(const config::Loaded& loaded) {
  source_ = {loader_.path(), loaded.sha256, std::chrono::system_clock::now()};
  log::configure(loaded.config->log.level, loaded.config->log.format);
  exporter_.use(loaded.config->tracing);
  limit_->set_max(affordable_connections(loaded.config->limits.max_connections));
  bodies_->set_max(body_memory(loaded.config->limits, usable_memory()));
  auto limit = listener_limits_.begin();
  for (std::size_t i = 0; i < std::min(loaded.config->listeners.size(), first_config_->listeners.size());
       ++i, ++limit) {
    const config::Listener& listener = loaded.config->listeners[i];
    if (listener.address == first_config_->listeners[i].address) limit->set_max(most_connections(listener));
  }
  refresh_names();
  const listener::SessionOptions options = session_options(*loaded.config);
  // Whoever is told of the reload may rely on it from the next request on. A worker that does not come round in this
  // time has other troubles.
  constexpr Milliseconds patience{2'000};
  std::vector<std::future<void>> used;
  for (const auto& worker : workers_) used.push_back(worker->use(snapshot_, options));
  for (const std::future<void>& each : used) each.wait_for(patience);
  log::info("configuration reloaded", {{"config", loader_.path()}, {"sha256", loaded.sha256}});
}

// Those whose answers are old, so that connections follow a backend that moves.
void Gateway::refresh_names() {
  for (const auto& endpoint : snapshot_->endpoints()) resolver_.prefetch(endpoint->host(), endpoint->port());
}

}  // namespace spillway::app
