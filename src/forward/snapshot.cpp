#include "spillway/forward/snapshot.hpp"

#include <algorithm>
#include <stdexcept>

namespace spillway::forward {
namespace {

bool same_endpoint(const config::Backend& a, const config::Backend& b) {
  return a.url.tls == b.url.tls && a.url.host == b.url.host && a.url.port == b.url.port &&
         a.tls.verify == b.tls.verify && a.tls.ca == b.tls.ca && a.tls.server_name == b.tls.server_name &&
         a.max_connections == b.max_connections;
}

std::shared_ptr<net::Endpoint> make_endpoint(const config::Backend& backend) {
  std::shared_ptr<net::TlsClient> tls;
  if (backend.url.tls) {
    net::TlsClient::Options options;
    options.verify = backend.tls.verify;
    options.ca = backend.tls.ca;
    options.server_name = backend.tls.server_name.value_or(backend.url.host);
    std::string problem;
    Result<std::shared_ptr<net::TlsClient>> made = net::TlsClient::make(options, problem);
    if (!made) throw std::runtime_error("backend " + backend.name + ": " + problem);
    tls = *made;
  }
  return std::make_shared<net::Endpoint>(backend.url.host, backend.url.port, std::move(tls), backend.max_connections);
}

// A CA file may have new contents, so only endpoints without one are carried over.
std::shared_ptr<net::Endpoint> endpoint_of(const config::Backend& backend, const Snapshot* previous) {
  if (previous != nullptr && !backend.tls.ca) {
    const auto& before = previous->config().backends;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i].name == backend.name && same_endpoint(before[i], backend)) return previous->endpoint(i);
    }
  }
  return make_endpoint(backend);
}

std::vector<std::shared_ptr<net::Endpoint>> endpoints_of(const config::Config& config, const Snapshot* previous) {
  std::vector<std::shared_ptr<net::Endpoint>> endpoints;
  for (const config::Backend& backend : config.backends) endpoints.push_back(endpoint_of(backend, previous));
  return endpoints;
}

std::shared_ptr<std::atomic<std::uint32_t>> load_of(const config::Client& client, const Snapshot* previous) {
  if (previous != nullptr) {
    const auto& before = previous->config().clients;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i].name == client.name) return previous->client_load(i);
    }
  }
  return std::make_shared<std::atomic<std::uint32_t>>(0);
}

std::vector<pool::HasCredential> presence(const identity::Credentials& credentials) {
  std::vector<pool::HasCredential> all;
  for (const auto& credential : credentials) all.push_back(credential ? credential->usable() : nullptr);
  return all;
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<const config::Config> configuration, const Snapshot* previous,
                   observe::Metrics& metrics, pool::TransitionObserver observer, identity::Credentials credentials,
                   identity::ClientTokens tokens, std::shared_ptr<observe::SpanQueue> spans)
    : config_(std::move(configuration)),
      spans_(config_->tracing ? std::move(spans) : nullptr),
      router_(*config_),
      access_(*config_),
      tokens_(std::move(tokens)),
      certificates_(*config_),
      marks_(*config_),
      endpoints_(endpoints_of(*config_, previous)),
      credentials_(std::move(credentials)),
      fleet_(config_, previous != nullptr ? &previous->fleet_ : nullptr, std::move(observer), presence(credentials_)),
      complained_(config_->backends.size()) {
  for (const config::Client& client : config_->clients) client_loads_.push_back(load_of(client, previous));
  for (const config::Backend& backend : config_->backends) backends_.push_back(metrics.backend(backend.name));
  for (const config::Route& route : config_->routes) routes_.push_back(metrics.route(route.name));
  for (const config::Pool& pool : config_->pools) {
    pools_.push_back(metrics.pool(pool.name));
    std::vector<observe::MemberSeries>& members = members_.emplace_back();
    for (const config::Member& member : pool.members) {
      members.push_back(metrics.member(pool.name, config_->backends[member.backend].name));
    }
  }
}

void Snapshot::credential_came(const identity::Credential& credential) const {
  for (std::size_t i = 0; i < credentials_.size(); ++i) {
    if (credentials_[i].get() == &credential) fleet_.credential_came(i);
  }
}

bool Snapshot::uses(const net::Endpoint& endpoint) const noexcept {
  return std::any_of(endpoints_.begin(), endpoints_.end(), [&](const auto& each) { return each.get() == &endpoint; });
}

bool Snapshot::may_complain(std::size_t backend, TimePoint now) const noexcept {
  constexpr std::int64_t interval = 1'000'000'000;
  const std::int64_t ticks = std::chrono::nanoseconds(now.time_since_epoch()).count();
  std::int64_t last = complained_[backend].load(std::memory_order_relaxed);
  return (last == 0 || ticks - last >= interval) &&
         complained_[backend].compare_exchange_strong(last, ticks, std::memory_order_relaxed);
}

}  // namespace spillway::forward
