#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spillway/identity/http_call.hpp"
#include "spillway/identity/tenant_keys.hpp"
#include "spillway/identity/tenants.hpp"
#include "spillway/net/suspension.hpp"
#include "spillway/routing/token_access.hpp"

namespace spillway::identity {

// Keeps the keys of one tenant fresh. Lives on one loop.
class TenantKeeper {
 public:
  TenantKeeper(net::Loop& loop, Caller& caller, const routing::TokenAccess::Tenant& tenant,
               const Tenants::Options& options);

  // Ends only after `stop`.
  net::awaitable<void> run();
  void stop() noexcept { slot_.cancel(); }
  bool stopped() const noexcept { return slot_.cancelled(); }

  const std::shared_ptr<TenantKeys>& keys() const noexcept { return keys_; }
  // Keys that come go there too, as its `index`th tenant's, as long as it lives.
  void serve(const std::shared_ptr<routing::TokenAccess>& access, std::size_t index);

 private:
  struct Fetched {
    std::string problem;
    std::optional<Milliseconds> retry_after;
    std::string issuer;
    std::shared_ptr<const routing::TokenKeys> keys;
  };
  struct Served {
    std::weak_ptr<routing::TokenAccess> access;
    std::size_t index;
  };

  net::awaitable<Fetched> ask();
  net::awaitable<void> fetch();
  void accept(const Fetched& fetched);
  void fail(const Fetched& fetched);

  net::Loop& loop_;
  Caller& caller_;
  const Tenants::Options& options_;
  std::shared_ptr<TenantKeys> keys_;
  std::vector<Served> served_;
  net::CancelSlot slot_;
  net::Suspension suspension_;
  net::RemoteWake remote_;
  TenantKeys::Status status_;
  TimePoint next_;  // when they are fetched again
  int failures_ = 0;
};

}  // namespace spillway::identity
