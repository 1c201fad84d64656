#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "arc.hpp"
#include "entra.hpp"
#include "faults.hpp"
#include "identity_config.hpp"
#include "identity_service.hpp"
#include "key_vault.hpp"
#include "token_issuer.hpp"

namespace spillway::lab {

// One identity service with its address, its faults and what it counted.
class IdentityStand {
 public:
  IdentityStand(std::string name, Endpoint address, std::unique_ptr<IdentityService> service)
      : name_(std::move(name)), address_(std::move(address)), service_(std::move(service)) {}

  const std::string& name() const noexcept { return name_; }
  const Endpoint& address() const noexcept { return address_; }
  void listens_at(const Endpoint& address) { address_ = address; }
  std::string hint() const { return service_->hint("http://" + address_.text()); }

  Answer respond(const Request& request, Moment moment);
  // Faults are of an operation, or with an empty name of the whole service.
  FaultPlan& faults() noexcept { return faults_; }
  const FaultPlan& faults() const noexcept { return faults_; }
  bool knows(std::string_view operation) const;
  // Requests to `operation` answered with `outcome`.
  std::uint64_t count(const std::string& operation, const std::string& outcome) const;
  void reset();
  Json report() const;

 private:
  std::string name_;
  Endpoint address_;
  std::unique_ptr<IdentityService> service_;
  FaultPlan faults_;
  std::map<std::string, std::map<std::string, std::uint64_t>> counters_;
};

// Azure's identity services and Key Vault, as far as they are configured. Not thread-safe.
class Identity {
 public:
  // Keys that sign may be given, as making them takes a tenth of a second. Throws std::runtime_error when OpenSSL or
  // the folder of Arc's key files cannot be had.
  Identity(IdentityConfig config, std::uint64_t seed, KeyRing keys = {});
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  std::vector<IdentityStand>& stands() noexcept { return stands_; }
  const std::vector<IdentityStand>& stands() const noexcept { return stands_; }
  // Null when there is none of that name.
  IdentityStand* find(std::string_view name) noexcept;
  TokenIssuer& issuer() noexcept { return issuer_; }
  const TokenIssuer& issuer() const noexcept { return issuer_; }
  // Null without one.
  KeyVault* vault() noexcept { return vault_; }

  // Where a service listens in the end.
  void listens_at(IdentityStand& stand, const Endpoint& address);
  // As at the start, but for keys and revocations.
  void reset();
  Json report(TimePoint now) const;

 private:
  IdentityConfig config_;
  TokenIssuer issuer_;
  std::vector<IdentityStand> stands_;
  KeyVault* vault_ = nullptr;
};

}  // namespace spillway::lab
