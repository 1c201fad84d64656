#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "identity_service.hpp"
#include "token_issuer.hpp"

namespace spillway::lab {

// An Azure Key Vault with secrets in it.
class KeyVault final : public IdentityService {
 public:
  KeyVault(KeyVaultConfig config, TokenIssuer& issuer, std::uint64_t seed);

  std::vector<std::string_view> operations() const override { return {"secret"}; }
  std::string operation(const Request& request) const override;
  Answer respond(const Request& request, Moment moment) override;
  Answer outage(int status, Moment moment) override;
  Json report() const override;
  std::string hint(const std::string& url) const override;
  void reset() override;

  struct NewVersion {
    std::string value;
    bool enabled = true;
    std::optional<std::int64_t> expires;  // seconds since 1970
  };
  // From now on the current version. False, and nothing changes, when the name is none a vault takes.
  bool set(const std::string& name, NewVersion version, std::int64_t unix_seconds);
  // With all its versions; false when there is none of that name.
  bool remove(const std::string& name);

 private:
  struct Version {
    std::string id;
    std::string value;
    std::int64_t created = 0;
    bool enabled = true;
    std::optional<std::int64_t> expires;
  };
  struct Secret {
    std::string name;  // as it was written
    std::vector<Version> versions;
  };

  std::optional<Answer> refuse(const Request& request, Moment moment) const;
  Answer secret(const Request& request, const std::string& name, const std::string& version) const;

  KeyVaultConfig config_;
  TokenIssuer& issuer_;
  Generator ids_;
  std::map<std::string, Secret> secrets_;  // by lower-case name: case makes no difference
};

}  // namespace spillway::lab
