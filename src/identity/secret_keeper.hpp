#pragma once

#include <memory>
#include <optional>
#include <string>

#include "spillway/identity/http_call.hpp"
#include "spillway/identity/vault.hpp"

namespace spillway::identity {

// What an answer of the vault holds, or for the log why it holds nothing; shows nothing of the answer's value.
std::variant<config::Secret, std::string> parse_vault_answer(const HttpAnswer& answer, const Token& sent);

// Keeps one secret of Key Vault up to date. Lives on one loop.
class SecretKeeper {
 public:
  // `credential` is that of `settings`.
  SecretKeeper(net::Loop& loop, Caller& caller, const config::KeyVault& settings, config::VaultSecret secret,
               std::shared_ptr<Credential> credential, const Vault::Options& options);

  // Ends only after `stop`.
  net::awaitable<void> run();
  void stop() noexcept { slot_.cancel(); }
  bool stopped() const noexcept { return slot_.cancelled(); }

  const config::KeyVault& settings() const noexcept { return settings_; }
  const config::VaultSecret& secret() const noexcept { return secret_; }
  const std::optional<config::Secret>& value() const noexcept { return value_; }
  const std::string& problem() const noexcept { return problem_; }
  const std::optional<WallTime>& fetched_at() const noexcept { return fetched_at_; }
  // Starts with what another one has got.
  void take_over(const SecretKeeper& other) {
    value_ = other.value_;
    fetched_at_ = other.fetched_at_;
  }

 private:
  net::awaitable<void> fetch();
  HttpRequest request(const Token& token) const;
  void accept(config::Secret value);
  void fail(std::string problem, const HttpAnswer& answer);

  net::Loop& loop_;
  Caller& caller_;
  const config::KeyVault settings_;
  const config::VaultSecret secret_;
  const std::shared_ptr<Credential> credential_;
  const Vault::Options& options_;
  net::CancelSlot slot_;
  net::Suspension suspension_;
  net::RemoteWake remote_;
  std::optional<config::Secret> value_;
  std::optional<WallTime> fetched_at_;  // the last time that went well
  std::string problem_;
  TimePoint next_{};  // when it is fetched again; `no_deadline`: once there is a token
  int failures_ = 0;
};

}  // namespace spillway::identity
