#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/config/load.hpp"
#include "spillway/identity/vault.hpp"
#include "spillway/net/suspension.hpp"
#include "watch.hpp"

namespace spillway::app {

// Reads the configuration with everything it refers to, and notices when any of that has changed: files, and secrets
// of Key Vault. Lives on the control loop.
class Loader {
 public:
  struct Options {
    std::string path;
    config::Environment environment;
    Milliseconds look_every{2'000};  // at the files the configuration refers to
    // The configuration in force should be loaded `again`; why, for the log.
    std::function<void(std::string_view what)> changed;
    // A fetch of a secret has ended.
    std::function<void(const config::VaultSecret&, bool good)> secret_fetched;
  };
  // `tokens`: for Key Vault; on the same loop.
  Loader(net::Loop& loop, net::Resolver& resolver, identity::Tokens& tokens, Options options);

  const std::string& path() const noexcept { return options_.path; }

  // `again`: the configuration in force, as it was written when it was loaded, with what it refers to as that is now.
  enum class What { file, again };
  // Reads everything anew. Secrets of Key Vault that are not known yet are waited for, at most `key_vault.wait`; what
  // is missing then is a problem, and so is that a later `load` has begun. Followed by `accepted` or `refused`.
  net::awaitable<config::Loaded> load(What what);
  void accepted(const config::Loaded& loaded);
  void refused(const config::Loaded& loaded);

  std::vector<identity::Vault::Kept> secrets() const { return vault_.kept(); }

  // A load that waits ends now, with a problem, and so does every further one that would wait.
  void abandon();
  // Ends everything; `stopped` is called from the loop.
  void stop(std::function<void()> stopped);
  // The same when the loop is not running any more.
  void shut() { vault_.shut(); }

 private:
  config::FileReader files(What what);
  config::Loaded read(What what, std::vector<config::UsedVaultSecret>& missing);
  bool all_there(const std::vector<config::UsedVaultSecret>& missing) const;
  net::awaitable<void> arrival(const std::vector<config::UsedVaultSecret>& missing, TimePoint deadline);
  void report(config::Loaded& loaded, const std::vector<config::UsedVaultSecret>& missing, Milliseconds waited) const;
  void secret_changed(const config::VaultSecret& secret);
  void forget();
  void wake();

  net::Loop& loop_;
  Options options_;
  Watch watch_;
  identity::Vault vault_;
  // Of the configuration in force.
  config::Secret text_;
  std::optional<config::KeyVault> settings_;
  std::vector<config::VaultSecret> secrets_;

  net::Suspension* waiting_ = nullptr;  // that of the load that waits
  std::uint64_t turn_ = 0;              // of the latest load
  int loads_ = 0;                       // neither accepted nor refused yet
  bool abandoned_ = false;
  bool stale_ = false;  // a secret in force has changed while a load waited
};

}  // namespace spillway::app
