#include <openssl/rand.h>

#include <array>
#include <stdexcept>

#include "assertion.hpp"
#include "source.hpp"

namespace spillway::identity {
namespace {

std::string unique_id() {
  std::array<std::uint8_t, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no random numbers");
  return to_hex(bytes);
}

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, second case, and
// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
class Certificate final : public Source {
 public:
  Certificate(config::ClientCertificate identity, config::FileReader files)
      : identity_(std::move(identity)), files_(std::move(files)) {}

  Step request(WallTime now) override {
    const Result<std::string> certificate = files_(identity_.certificate);
    if (!certificate) return unreadable(identity_.certificate, certificate.error());
    const Result<std::string> key = files_(identity_.private_key);
    if (!key) return unreadable(identity_.private_key, key.error());
    const AssertionClaims claims{token_url(identity_.authority, identity_.tenant_id), identity_.client_id, unique_id()};
    Assertion assertion = sign_assertion(claims, *certificate, *key, now);
    if (!assertion.problem.empty()) return Step(std::move(assertion.problem));
    assertion_ = config::Secret(std::move(assertion.jwt));
    const ClientCredentials client{identity_.authority, identity_.tenant_id, identity_.client_id, identity_.resource};
    return Step(with_assertion(client, assertion_.reveal()));
  }

  std::vector<std::string> secrets() const override { return {std::string(assertion_.reveal())}; }
  std::string name() const override { return "client certificate"; }

 private:
  static Step unreadable(const std::string& file, const ErrorCode& error) {
    return Step(file + " cannot be read: " + error.message());
  }

  config::ClientCertificate identity_;
  config::FileReader files_;
  config::Secret assertion_;
};

}  // namespace

std::unique_ptr<Source> make_client_certificate(const config::ClientCertificate& identity,
                                                const Surroundings& surroundings) {
  return std::make_unique<Certificate>(identity, surroundings.files);
}

}  // namespace spillway::identity
