#pragma once

#include <memory>
#include <optional>
#include <string>

#include "refresh.hpp"
#include "source.hpp"
#include "spillway/config/config.hpp"
#include "spillway/identity/credential.hpp"
#include "spillway/identity/http_call.hpp"
#include "spillway/identity/tokens.hpp"

namespace spillway::identity {

// Keeps one credential fresh. Lives on one loop.
class Keeper {
 public:
  Keeper(net::Loop& loop, Caller& caller, config::Identity identity, const Tokens::Options& options);
  ~Keeper();

  // Ends only after `stop`.
  net::awaitable<void> run();
  void stop() noexcept;
  bool stopped() const noexcept { return slot_.cancelled(); }

  const config::Identity& identity() const noexcept { return identity_; }
  const std::shared_ptr<Credential>& credential() const noexcept { return credential_; }
  // Starts with what another one has got.
  void take_over(const Keeper& other);

 private:
  net::awaitable<void> fetch();
  net::awaitable<HttpAnswer> ask();
  void accept(Grant grant);
  void fail(std::string problem, std::optional<Milliseconds> retry_after);
  void hold(TokenPtr token);
  void expire();
  std::string describe_answer(const HttpAnswer& answer) const;

  net::Loop& loop_;
  Caller& caller_;
  config::Identity identity_;
  const Tokens::Options& options_;
  std::unique_ptr<Source> source_;
  std::shared_ptr<Credential> credential_;
  net::CancelSlot slot_;
  net::Suspension suspension_;
  std::optional<net::RemoteWake> remote_;
  net::Alarm expiry_;
  TokenPtr token_;  // the last one
  TimePoint next_;  // when the next one is fetched
  int failures_ = 0;
  bool announced_ = false;  // the log knows that there is one
};

}  // namespace spillway::identity
