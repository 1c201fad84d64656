#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spillway/config/config.hpp"
#include "spillway/identity/tenant_keys.hpp"
#include "spillway/identity/timing.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/resolver.hpp"
#include "spillway/routing/token_access.hpp"

namespace spillway::identity {

class Caller;
class TenantKeeper;
template <class Member>
class Crew;

// What the access tokens of a configuration's clients are judged with.
struct ClientTokens {
  std::shared_ptr<routing::TokenAccess> access;
  std::vector<std::shared_ptr<TenantKeys>> keys;  // by access->tenants()
};

// All tenants whose tokens clients show: their keys are fetched at once, and again in the background. Old ones stay in
// use while new ones cannot be had. Lives on one loop; only what `client_tokens` gives is for other threads.
class Tenants {
 public:
  struct Options {
    std::optional<std::string> ca;  // PEM file to trust instead of the system's roots
    Timing timing;
    // A fetch of a tenant's keys has ended; on the loop.
    std::function<void(const routing::TokenAccess::Tenant&, bool good)> fetched;
  };
  Tenants(net::Loop& loop, net::Resolver& resolver, Options options);
  ~Tenants();

  // `before`: those in force until now, or null; what is known of tenants that stay is not fetched anew.
  ClientTokens client_tokens(const config::Config& config, const ClientTokens* before);
  // Keys of all other tenants are not fetched any more.
  void retain(const ClientTokens& tokens);
  // Ends everything; `stopped` is called from the loop.
  void stop(std::function<void()> stopped);
  // The same when the loop is not running any more: runs it until everything has ended. The destructor does it too.
  void shut();

 private:
  TenantKeeper& keeper_of(const routing::TokenAccess::Tenant& tenant);

  net::Loop& loop_;
  Options options_;
  std::unique_ptr<Caller> caller_;
  std::unique_ptr<Crew<TenantKeeper>> keepers_;
};

}  // namespace spillway::identity
