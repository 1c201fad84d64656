#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "identity_config.hpp"
#include "token_issuer.hpp"

namespace spillway::lab {

// How a platform's endpoint calls the parameters that name a user-assigned identity.
struct IdentityParameters {
  std::string_view object_id;
  std::string_view resource_id;
};

// The identities assigned to the machine the simulated platform is, one list for IMDS, App Service and Arc.
class ManagedIdentities {
 public:
  ManagedIdentities(const std::vector<ManagedIdentityConfig>& identities, TokenIssuer& issuer)
      : identities_(identities), issuer_(issuer) {}

  struct Choice {
    const ManagedIdentityConfig* identity = nullptr;
    std::string problem;  // when there is none
  };
  // The one the query names by `client_id` or as `parameters` say; without a name the system-assigned one, or the only
  // one there is.
  Choice choose(std::string_view query, const IdentityParameters& parameters) const;

  TokenIssuer& issuer() const noexcept { return issuer_; }

 private:
  const std::vector<ManagedIdentityConfig>& identities_;
  TokenIssuer& issuer_;
};

}  // namespace spillway::lab
