#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spillway/config/identity.hpp"
#include "spillway/identity/timing.hpp"
#include "spillway/identity/tokens.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/resolver.hpp"

namespace spillway::identity {

class SecretKeeper;

// Secrets of Azure Key Vault: each fetched at once, looked at again every `poll_interval`, and kept as it last was when
// the vault fails. Lives on one loop.
// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
class Vault {
 public:
  struct Options {
    std::optional<std::string> ca;  // PEM file to trust instead of the system's roots
    Timing timing;
    // It has another value than before, or its first; on the loop.
    std::function<void(const config::VaultSecret&)> changed;
    std::function<void(const config::VaultSecret&, bool good)> fetched;  // a fetch has ended; on the loop
  };
  // `tokens`: what the vault is opened with; on the same loop, and outlives this.
  Vault(net::Loop& loop, net::Resolver& resolver, Tokens& tokens, Options options);
  ~Vault();

  // Fetches these too. `settings` holds an identity.
  void want(const config::KeyVault& settings, const std::vector<config::VaultSecret>& secrets);
  // Forgets all others, and those that were wanted with other settings.
  void retain(const std::optional<config::KeyVault>& settings, const std::vector<config::VaultSecret>& secrets);

  // What it holds as far as is known; nothing before it has been fetched.
  std::optional<config::Secret> value(const config::VaultSecret& secret) const;
  // Why there is no value, or no newer one, for the operator; empty when all is well.
  std::string problem(const config::VaultSecret& secret) const;

  // Those that are kept up to date.
  struct Kept {
    config::VaultSecret secret;
    std::optional<WallTime> fetched_at;  // the last time that went well
  };
  std::vector<Kept> kept() const;

  // Ends everything; `stopped` is called from the loop.
  void stop(std::function<void()> stopped);
  // The same when the loop is not running any more: runs it until everything has ended. The destructor does it too.
  void shut();

 private:
  net::Loop& loop_;
  Tokens& tokens_;
  Options options_;
  std::unique_ptr<Caller> caller_;
  std::unique_ptr<Crew<SecretKeeper>> keepers_;
};

}  // namespace spillway::identity
