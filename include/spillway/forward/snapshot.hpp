#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "spillway/config/config.hpp"
#include "spillway/identity/tenants.hpp"
#include "spillway/identity/tokens.hpp"
#include "spillway/net/connection.hpp"
#include "spillway/observe/metrics.hpp"
#include "spillway/observe/span_queue.hpp"
#include "spillway/pool/pool.hpp"
#include "spillway/routing/access.hpp"
#include "spillway/routing/certificate_access.hpp"
#include "spillway/routing/owner_marks.hpp"
#include "spillway/routing/router.hpp"

namespace spillway::forward {

// Everything that follows from one configuration. Made at start and by each reload; requests keep the one they began
// with. Immutable but for the live state inside the fleet; shared by all workers.
class Snapshot {
 public:
  // `previous` may be null. `credentials`: by the backends' index. `tokens`: of this very configuration. Throws
  // std::runtime_error with a text for the operator when a TLS file cannot be used. `spans`: where traced requests go,
  // when the configuration speaks of tracing.
  Snapshot(std::shared_ptr<const config::Config> configuration, const Snapshot* previous, observe::Metrics& metrics,
           pool::TransitionObserver observer, identity::Credentials credentials, identity::ClientTokens tokens,
           std::shared_ptr<observe::SpanQueue> spans = nullptr);

  const config::Config& config() const noexcept { return *config_; }
  const std::shared_ptr<const config::Config>& shared_config() const noexcept { return config_; }
  // Null while tracing is off.
  observe::SpanQueue* spans() const noexcept { return spans_.get(); }
  const routing::Router& router() const noexcept { return router_; }
  const routing::Access& access() const noexcept { return access_; }
  const identity::ClientTokens& tokens() const noexcept { return tokens_; }
  const routing::CertificateAccess& certificates() const noexcept { return certificates_; }
  const routing::OwnerMarks& marks() const noexcept { return marks_; }
  const pool::Fleet& fleet() const noexcept { return fleet_; }
  const std::shared_ptr<net::Endpoint>& endpoint(std::size_t backend) const { return endpoints_[backend]; }
  const std::vector<std::shared_ptr<net::Endpoint>>& endpoints() const noexcept { return endpoints_; }

  // The access token of a backend; null when it needs none.
  const std::shared_ptr<identity::Credential>& credential(std::size_t backend) const { return credentials_[backend]; }
  // Called when one has got a token again: wakes whoever waits for a member that uses it.
  void credential_came(const identity::Credential& credential) const;

  // The endpoint belongs to one of the backends; those of an earlier configuration may not.
  bool uses(const net::Endpoint& endpoint) const noexcept;

  const observe::RouteSeries& route_series(std::size_t route) const { return routes_[route]; }
  const observe::PoolSeries& pool_series(std::size_t pool) const { return pools_[pool]; }
  const observe::MemberSeries& member_series(std::size_t pool, std::size_t member) const {
    return members_[pool][member];
  }
  const observe::BackendSeries& backend_series(std::size_t backend) const { return backends_[backend]; }

  // The requests of a client that are under way; lives on over reloads, by the client's name.
  const std::shared_ptr<std::atomic<std::uint32_t>>& client_load(std::size_t client) const {
    return client_loads_[client];
  }

  // At most one complaint a second about each backend: whether this one may be written. Thread-safe.
  bool may_complain(std::size_t backend, TimePoint now) const noexcept;

 private:
  std::shared_ptr<const config::Config> config_;
  std::shared_ptr<observe::SpanQueue> spans_;
  routing::Router router_;
  routing::Access access_;
  identity::ClientTokens tokens_;
  routing::CertificateAccess certificates_;
  routing::OwnerMarks marks_;
  std::vector<std::shared_ptr<net::Endpoint>> endpoints_;
  identity::Credentials credentials_;
  pool::Fleet fleet_;  // made once nothing can fail any more: it takes over live state
  std::vector<observe::RouteSeries> routes_;
  std::vector<observe::PoolSeries> pools_;
  std::vector<std::vector<observe::MemberSeries>> members_;
  std::vector<observe::BackendSeries> backends_;
  std::vector<std::shared_ptr<std::atomic<std::uint32_t>>> client_loads_;
  mutable std::vector<std::atomic<std::int64_t>> complained_;
};

}  // namespace spillway::forward
