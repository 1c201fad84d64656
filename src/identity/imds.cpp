#include "encode.hpp"
#include "source.hpp"

namespace spillway::identity {
namespace {

constexpr char variable[] = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
constexpr char link_local[] = "http://169.254.169.254";

// The metadata service of virtual machines.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
class Imds final : public Source {
 public:
  Imds(config::ManagedIdentity identity, std::string base) : identity_(std::move(identity)), base_(std::move(base)) {}

  Step request(WallTime) override {
    Step step = request_to(variable, base_);
    HttpRequest& request = step.request;
    request.path = request.url.path_prefix + "/metadata/identity/oauth2/token";
    append_parameter(request.query, "api-version", "2018-02-01");
    append_parameter(request.query, "resource", identity_.resource);
    if (!identity_.client_id.empty()) append_parameter(request.query, "client_id", identity_.client_id);
    if (!identity_.object_id.empty()) append_parameter(request.query, "object_id", identity_.object_id);
    if (!identity_.resource_id.empty()) append_parameter(request.query, "msi_res_id", identity_.resource_id);
    request.fields.emplace_back("Metadata", "true");
    return step;
  }

  std::string name() const override { return "IMDS"; }

 private:
  config::ManagedIdentity identity_;
  std::string base_;
};

}  // namespace

std::unique_ptr<Source> make_imds(const config::ManagedIdentity& identity, const Surroundings& surroundings) {
  const auto base = surroundings.environment(variable);
  return std::make_unique<Imds>(identity, base && !base->empty() ? *base : std::string(link_local));
}

}  // namespace spillway::identity
