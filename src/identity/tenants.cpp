#include "spillway/identity/tenants.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "spillway/base/log.hpp"
#include "tenant_keeper.hpp"

namespace spillway::identity {

namespace asio = net::asio;

Tenants::Tenants(net::Loop& loop, net::Resolver& resolver, Options options)
    : loop_(loop), options_(std::move(options)), caller_(std::make_unique<Caller>(loop, resolver, options_.ca)) {}

Tenants::~Tenants() {
  shut();
}

void Tenants::shut() {
  stop({});
  while (!keepers_.empty()) loop_.poll();
}

ClientTokens Tenants::client_tokens(const config::Config& config, const ClientTokens* before) {
  ClientTokens tokens;
  tokens.access = std::make_shared<routing::TokenAccess>(config);
  if (before != nullptr) tokens.access->adopt(*before->access);
  for (const routing::TokenAccess::Tenant& tenant : tokens.access->tenants()) {
    TenantKeeper& keeper = keeper_of(tenant);
    keeper.serve(tokens.access, tokens.keys.size());
    tokens.keys.push_back(keeper.keys());
  }
  return tokens;
}

TenantKeeper& Tenants::keeper_of(const routing::TokenAccess::Tenant& tenant) {
  const auto known = std::find_if(keepers_.begin(), keepers_.end(), [&](const auto& keeper) {
    return !keeper->stopped() && keeper->keys()->tenant() == tenant;
  });
  if (known != keepers_.end()) return **known;
  const auto place =
      keepers_.insert(keepers_.end(), std::make_unique<TenantKeeper>(loop_, *caller_, tenant, options_.timing));
  asio::co_spawn(loop_.context(), (*place)->run(), [this, place](const std::exception_ptr& thrown) {
    if (thrown) log::error("keeping the keys of a tenant fresh ended in an exception");
    ended(place);
  });
  return **place;
}

void Tenants::ended(std::list<std::unique_ptr<TenantKeeper>>::iterator place) {
  keepers_.erase(place);
  if (!keepers_.empty() || !stopped_) return;
  const std::function<void()> stopped = std::exchange(stopped_, {});
  stopped();
}

void Tenants::retain(const ClientTokens& tokens) {
  for (const auto& keeper : keepers_) {
    const bool used = std::find(tokens.keys.begin(), tokens.keys.end(), keeper->keys()) != tokens.keys.end();
    if (!used) keeper->stop();
  }
}

void Tenants::stop(std::function<void()> stopped) {
  stopped_ = std::move(stopped);
  for (const auto& keeper : keepers_) keeper->stop();
  if (!keepers_.empty() || !stopped_) return;
  loop_.post([this] {
    if (stopped_) std::exchange(stopped_, {})();
  });
}

}  // namespace spillway::identity
