#include "fake_tenant.hpp"

namespace spillway::test {

using nlohmann::json;

FakeTenant::FakeTenant() : signers_{&routing::test::first_signer()} {
  metadata_ = {{"issuer", authority() + "/" + id() + "/v2.0"},
               {"jwks_uri", authority() + "/" + id() + "/discovery/v2.0/keys"}};
  server_.always([this](FakeBackend::Turn& turn) { serve(turn); });
}

void FakeTenant::serve(FakeBackend::Turn& turn) {
  const std::string target = turn.request().target();
  const bool for_keys = target.ends_with("/discovery/v2.0/keys");
  bool wait = false;
  {
    const std::lock_guard lock(mutex_);
    if (for_keys) ++key_fetches_;
    wait = for_keys && held_;
  }
  if (wait && !turn.wait_for_release()) return;
  int status = 200;
  json document = {{"error", "not_found"}};
  {
    const std::lock_guard lock(mutex_);
    if (out_of_order_) {
      status = 503;
    } else if (for_keys) {
      json keys = json::array();
      for (const auto* signer : signers_) keys.push_back(signer->jwk());
      document = {{"keys", keys}};
    } else if (target.ends_with("/v2.0/.well-known/openid-configuration")) {
      document = metadata_;
    } else {
      status = 404;
    }
  }
  turn.reply(status, {{"Content-Type", "application/json"}}, document.dump());
}

void FakeTenant::roll_over(const Signers& signers) {
  const std::lock_guard lock(mutex_);
  signers_ = signers;
}

void FakeTenant::out_of_order(bool yes) {
  const std::lock_guard lock(mutex_);
  out_of_order_ = yes;
}

void FakeTenant::say(const std::string& key, const std::string& value) {
  const std::lock_guard lock(mutex_);
  metadata_[key] = value;
}

void FakeTenant::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

std::size_t FakeTenant::key_fetches() const {
  const std::lock_guard lock(mutex_);
  return key_fetches_;
}

json FakeTenant::claims() const {
  json claims = routing::test::claims();
  claims["iss"] = authority() + "/" + id() + "/v2.0";
  claims["nbf"] = 0;
  claims["exp"] = 4'102'444'800;  // 2100
  return claims;
}

}  // namespace spillway::test
