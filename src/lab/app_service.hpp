#pragma once

#include <string>

#include "identity_service.hpp"
#include "managed_identities.hpp"

namespace spillway::lab {

// The identity endpoint of Azure App Service and Container Apps.
class AppService final : public IdentityService {
 public:
  AppService(std::string header, ManagedIdentities identities) : header_(std::move(header)), identities_(identities) {}

  std::vector<std::string_view> operations() const override { return {"token"}; }
  std::string operation(const Request& request) const override;
  Answer respond(const Request& request, Moment moment) override;
  Answer outage(int status, Moment moment) override;
  Json report() const override;
  std::string hint(const std::string& url) const override;
  void reset() override {}

 private:
  std::string header_;
  ManagedIdentities identities_;
};

}  // namespace spillway::lab
