#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spillway/config/config.hpp"
#include "spillway/config/load.hpp"
#include "spillway/identity/credential.hpp"
#include "spillway/identity/timing.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/resolver.hpp"

namespace spillway::identity {

class Caller;
class Keeper;
template <class Member>
class Crew;

// A credential for each backend of a configuration, by index; null for those without an identity.
using Credentials = std::vector<std::shared_ptr<Credential>>;

// All tokens of the process: one for each identity and resource, whoever uses it; fetched at once, refreshed in the
// background. Lives on one loop; only the credentials it hands out are for other threads.
class Tokens {
 public:
  struct Options {
    config::Environment environment = config::process_environment();
    config::FileReader files = config::process_files();
    std::optional<std::string> ca;  // PEM file to trust instead of the system's roots
    std::string arc_keys = "/var/opt/azcmagent/tokens";
    Timing timing;
    std::function<void(const Credential&)> gained;              // one has a token again; on the loop
    std::function<void(const Credential&, bool good)> fetched;  // a fetch has ended; on the loop
  };
  Tokens(net::Loop& loop, net::Resolver& resolver, Options options);
  ~Tokens();

  // The one that is known already, the same object as before; or a new one, which has no token yet unless the same
  // principal had one with another secret.
  std::shared_ptr<Credential> credential(const config::Identity& identity);
  // One for each backend.
  Credentials credentials(const config::Config& config);
  // Those that are kept fresh.
  Credentials kept() const;
  // All others are not kept fresh any more.
  void retain(const config::Config& config);
  // Ends everything; `stopped` is called from the loop.
  void stop(std::function<void()> stopped);
  // The same when the loop is not running any more: runs it until everything has ended. The destructor does it too.
  void shut();

 private:
  net::Loop& loop_;
  Options options_;
  std::unique_ptr<Caller> caller_;
  std::unique_ptr<Crew<Keeper>> keepers_;
};

// `managed identity (system)`, `client certificate of APP`: for logs, without a secret.
std::string describe(const config::Identity& identity);
// The audience its tokens are for.
const std::string& resource_of(const config::Identity& identity);

}  // namespace spillway::identity
