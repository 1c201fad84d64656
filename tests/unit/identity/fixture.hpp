#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "fake_backend.hpp"
#include "spillway/base/log.hpp"
#include "spillway/identity/tokens.hpp"
#include "unit/net/loop_fixture.hpp"

namespace spillway::identity::test {

using spillway::test::FakeBackend;

// A token answer in JSON.
inline std::string grant(const std::string& token, int expires_in = 3600, const std::string& more = "") {
  return R"({"token_type":"Bearer","access_token":")" + token + R"(","expires_in":)" + std::to_string(expires_in) +
         more + "}";
}

// Tokens on a loop that the test runs, with waits short enough to be waited for.
class TokensTest : public net::LoopTest {
 protected:
  TokensTest() {
    log::configure(log::Level::off, log::Format::text);
    options_.timing.soonest = Milliseconds(1);
    options_.timing.first_wait = Milliseconds(1);
    options_.timing.longest_wait = Milliseconds(5);
    options_.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    options_.gained = [this](const Credential&) { ++gained_; };
  }
  ~TokensTest() override { tokens_.reset(); }

  Tokens& tokens() {
    if (!tokens_) tokens_.emplace(loop_, resolver_, options_);
    return *tokens_;
  }

  // An application that gets its tokens from `issuer_`.
  config::ClientSecret application(const std::string& secret = "s3cret") const {
    config::ClientSecret identity;
    identity.tenant_id = "tenant";
    identity.client_id = "client";
    identity.secret = config::Secret(secret);
    identity.authority = config::parse_url(issuer_.url()).value();
    return identity;
  }

  static config::Config with(const std::vector<config::Identity>& identities) {
    config::Config config;
    for (const config::Identity& identity : identities) {
      config::Backend& backend = config.backends.emplace_back();
      backend.auth.kind = config::AuthKind::token;
      backend.auth.identity = identity;
    }
    return config;
  }

  std::shared_ptr<Credential> credential(const config::Identity& identity) {
    return tokens().credentials(with({identity})).at(0);
  }

  static std::string shown(const Credential& credential) {
    const TokenPtr token = credential.token();
    return token ? std::string(token->value.reveal()) : std::string("none");
  }

  void wait_for(const Credential& credential, const std::string& token) {
    run_until([&] { return shown(credential) == token; });
  }

  FakeBackend issuer_;
  net::Resolver resolver_;
  std::map<std::string, std::string> environment_;
  Tokens::Options options_;
  std::optional<Tokens> tokens_;
  int gained_ = 0;
};

}  // namespace spillway::identity::test
