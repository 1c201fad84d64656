#include "encode.hpp"
#include "source.hpp"

namespace spillway::identity {
namespace {

// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
class AppService final : public Source {
 public:
  AppService(config::ManagedIdentity identity, std::string endpoint, std::string header)
      : identity_(std::move(identity)), endpoint_(std::move(endpoint)), header_(std::move(header)) {}

  Step request(WallTime) override {
    Step step = request_to("IDENTITY_ENDPOINT", endpoint_);
    HttpRequest& request = step.request;
    append_parameter(request.query, "api-version", "2019-08-01");
    append_parameter(request.query, "resource", identity_.resource);
    if (!identity_.client_id.empty()) append_parameter(request.query, "client_id", identity_.client_id);
    if (!identity_.object_id.empty()) append_parameter(request.query, "principal_id", identity_.object_id);
    if (!identity_.resource_id.empty()) append_parameter(request.query, "mi_res_id", identity_.resource_id);
    request.fields.emplace_back("X-IDENTITY-HEADER", header_);
    return step;
  }

  std::vector<std::string> secrets() const override { return {header_}; }
  std::string name() const override { return "App Service"; }

 private:
  config::ManagedIdentity identity_;
  std::string endpoint_;
  std::string header_;
};

}  // namespace

std::unique_ptr<Source> make_app_service(const config::ManagedIdentity& identity, const Surroundings& surroundings) {
  const auto endpoint = surroundings.environment("IDENTITY_ENDPOINT");
  const auto header = surroundings.environment("IDENTITY_HEADER");
  if (!endpoint || endpoint->empty() || !header || header->empty()) return nullptr;
  return std::make_unique<AppService>(identity, *endpoint, *header);
}

}  // namespace spillway::identity
