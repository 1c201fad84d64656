#include "spillway/identity/tenants.hpp"

#include <algorithm>
#include <utility>

#include "crew.hpp"
#include "tenant_keeper.hpp"

namespace spillway::identity {

Tenants::Tenants(net::Loop& loop, net::Resolver& resolver, Options options)
    : loop_(loop),
      options_(std::move(options)),
      caller_(std::make_unique<Caller>(loop, resolver, options_.ca)),
      keepers_(std::make_unique<Crew<TenantKeeper>>(loop, "keeping the keys of a tenant fresh")) {}

Tenants::~Tenants() = default;

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
  const auto same = [&](const TenantKeeper& each) { return each.keys()->tenant() == tenant; };
  if (TenantKeeper* known = keepers_->find(same)) return *known;
  return keepers_->add(std::make_unique<TenantKeeper>(loop_, *caller_, tenant, options_));
}

void Tenants::retain(const ClientTokens& tokens) {
  for (const auto& keeper : keepers_->members()) {
    const bool used = std::find(tokens.keys.begin(), tokens.keys.end(), keeper->keys()) != tokens.keys.end();
    if (!used) keeper->stop();
  }
}

void Tenants::stop(std::function<void()> stopped) {
  keepers_->stop(std::move(stopped));
}

void Tenants::shut() {
  keepers_->shut();
}

}  // namespace spillway::identity
