#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"
#include "spillway/routing/token_keys.hpp"
#include "spillway/routing/token_refusal.hpp"

namespace spillway::routing {

struct Token;

// Which client an access token of Entra ID stands for. Fetches nothing: the tenants' keys are put in from outside.
// Thread-safe. Once a token has been taken, it is not verified again until it ends or its tenant's keys change.
class TokenAccess {
 public:
  explicit TokenAccess(const config::Config& config);
  TokenAccess(const TokenAccess&) = delete;
  TokenAccess& operator=(const TokenAccess&) = delete;
  ~TokenAccess();

  // No client has `entra`: every token is of a wrong issuer.
  bool empty() const noexcept { return tenants_.empty(); }

  struct Tenant {
    std::string authority;  // as of config::Entra
    std::string id;         // a GUID or a domain, lower case

    bool operator==(const Tenant&) const = default;
  };
  // Each of those some client names, once.
  std::vector<Tenant> tenants() const;

  // Puts the keys of tenants()[tenant] into use. `issuer`: what its metadata says (TenantMetadata::issuer). It is
  // needed when the tenant is given as a domain, whose GUID only the metadata tells; otherwise it may be empty. False:
  // it was needed, and names no GUID, so no token can be told to be this tenant's.
  bool use(std::size_t tenant, std::shared_ptr<const TokenKeys> keys, std::string_view issuer = {});

  // The keys in use, null while there are none.
  std::shared_ptr<const TokenKeys> keys(std::size_t tenant) const;

  // Takes over what is known of tenants that `before` has too, so that a reload fetches nothing anew.
  void adopt(const TokenAccess& before);

  struct Decision {
    std::optional<std::size_t> client;               // index into the configuration's clients
    TokenRefusal refusal = TokenRefusal::malformed;  // when there is no client
    // With `unknown_key` and `no_keys`: whose keys should be fetched again. Anybody can cause this with a made-up
    // `kid`, so fetching must have a rate of its own.
    std::optional<std::size_t> tenant;
  };

  // The issuer that the token names chooses the tenant, whose keys must have signed it; then the tenant's clients are
  // tried in the order of the file. When none takes it, the refusal is the one that came nearest.
  Decision admit(std::string_view token, WallTime now) const;

  // Whether the text has the form of a token, so that it is not taken for a key that is wrong.
  static bool looks_like_token(std::string_view text) noexcept;

 private:
  struct Known;
  struct State;
  struct Claimant {
    std::size_t client;
    config::Entra entra;
  };
  struct Entry {
    Tenant tenant;
    std::vector<Claimant> claimants;  // in file order
  };

  Decision match(const Token& token, WallTime now) const;

  std::vector<Entry> tenants_;
  std::unique_ptr<State> state_;
};

}  // namespace spillway::routing
