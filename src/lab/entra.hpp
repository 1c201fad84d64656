#pragma once

#include <string>
#include <vector>

#include "entra_errors.hpp"
#include "identity_service.hpp"
#include "token_issuer.hpp"

namespace spillway::lab {

// Microsoft Entra as far as a daemon meets it: client credentials, the metadata and the keys of one tenant.
class Entra final : public IdentityService {
 public:
  Entra(const std::vector<ApplicationConfig>& applications, TokenIssuer& issuer)
      : applications_(applications), issuer_(issuer) {}

  std::vector<std::string_view> operations() const override { return {"token", "keys", "metadata", "metadata_v1"}; }
  std::string operation(const Request& request) const override;
  Answer respond(const Request& request, Moment moment) override;
  Answer outage(int status, Moment moment) override;
  Json report() const override;
  std::string hint(const std::string& url) const override;
  void reset() override {}

 private:
  Answer token(const Request& request, Moment moment);
  Answer metadata(const Request& request, int version) const;
  Answer refuse(const EntraError& error, const Request& request, Moment moment);

  const std::vector<ApplicationConfig>& applications_;
  TokenIssuer& issuer_;
};

}  // namespace spillway::lab
