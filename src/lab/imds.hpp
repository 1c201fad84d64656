#pragma once

#include "identity_service.hpp"
#include "managed_identities.hpp"

namespace spillway::lab {

// Azure's Instance Metadata Service on a virtual machine, as far as tokens go.
class Imds final : public IdentityService {
 public:
  explicit Imds(ManagedIdentities identities) : identities_(identities) {}

  static constexpr std::string_view token_path = "/metadata/identity/oauth2/token";

  std::vector<std::string_view> operations() const override { return {"token"}; }
  std::string operation(const Request& request) const override;
  Answer respond(const Request& request, Moment moment) override;
  Answer outage(int status, Moment moment) override;
  Json report() const override;
  std::string hint(const std::string& url) const override;
  void reset() override {}

  // `{"error": …, "error_description": …}`
  static Answer error(int status, std::string_view code, std::string_view description);
  // Azure's token JSON, numbers as texts.
  static Json token_json(const Grant& grant, std::string_view resource, const std::string& client_id);

 private:
  ManagedIdentities identities_;
};

}  // namespace spillway::lab
