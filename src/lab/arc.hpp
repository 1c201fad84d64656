#pragma once

#include <deque>
#include <memory>
#include <string>

#include "identity_service.hpp"
#include "managed_identities.hpp"
#include "temporary_folder.hpp"

namespace spillway::lab {

// The agent of an Azure Arc server: a caller shows that it may read a file before it gets a token.
class Arc final : public IdentityService {
 public:
  // An empty folder means one of its own. Throws std::runtime_error when there is none to write in.
  Arc(const std::string& key_folder, ManagedIdentities identities);
  ~Arc() override;

  std::vector<std::string_view> operations() const override { return {"challenge", "token"}; }
  std::string operation(const Request& request) const override;
  Answer respond(const Request& request, Moment moment) override;
  Answer outage(int status, Moment moment) override;
  Json report() const override;
  std::string hint(const std::string& url) const override;
  void reset() override {}

 private:
  struct Challenge {
    std::string file;
    std::string key;
  };
  Answer challenge();
  bool knows(std::string_view key) const;

  ManagedIdentities identities_;
  std::unique_ptr<TemporaryFolder> own_folder_;
  std::string folder_;
  std::deque<Challenge> challenges_;
};

}  // namespace spillway::lab
