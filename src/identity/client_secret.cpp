#include "source.hpp"

namespace spillway::identity {
namespace {

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, first case.
class SharedSecret final : public Source {
 public:
  explicit SharedSecret(config::ClientSecret identity) : identity_(std::move(identity)) {}

  Step request(WallTime) override {
    const ClientCredentials client{identity_.authority, identity_.tenant_id, identity_.client_id, identity_.resource};
    return Step(with_secret(client, identity_.secret.reveal()));
  }

  std::vector<std::string> secrets() const override { return {std::string(identity_.secret.reveal())}; }
  std::string name() const override { return "client secret"; }

 private:
  config::ClientSecret identity_;
};

}  // namespace

std::unique_ptr<Source> make_client_secret(const config::ClientSecret& identity) {
  return std::make_unique<SharedSecret>(identity);
}

}  // namespace spillway::identity
