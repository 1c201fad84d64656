#include "source.hpp"

namespace spillway::identity {
namespace {

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, third case: a federated
// credential.
class Workload final : public Source {
 public:
  Workload(config::WorkloadIdentity identity, config::FileReader files)
      : identity_(std::move(identity)), files_(std::move(files)) {}

  Step request(WallTime) override {
    // The cluster replaces it about once an hour.
    const Result<std::string> content = files_(identity_.token_file);
    if (!content)
      return Step("the token file " + identity_.token_file + " cannot be read: " + content.error().message());
    const std::string_view token = trim(std::string_view(*content).substr(0, content->find_first_of("\r\n")));
    if (token.empty()) return Step("the token file " + identity_.token_file + " is empty");
    assertion_ = config::Secret(std::string(token));
    const ClientCredentials client{identity_.authority, identity_.tenant_id, identity_.client_id, identity_.resource};
    return Step(with_assertion(client, token));
  }

  std::vector<std::string> secrets() const override { return {std::string(assertion_.reveal())}; }
  std::string name() const override { return "workload identity"; }

 private:
  config::WorkloadIdentity identity_;
  config::FileReader files_;
  config::Secret assertion_;
};

}  // namespace

std::unique_ptr<Source> make_workload(const config::WorkloadIdentity& identity, const Surroundings& surroundings) {
  return std::make_unique<Workload>(identity, surroundings.files);
}

}  // namespace spillway::identity
