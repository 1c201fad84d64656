#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/secret.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::identity {

struct Token {
  config::Secret value;      // what follows `Bearer `
  TimePoint usable_until{};  // the keeper takes it away then

  Token(config::Secret text, TimePoint until) : value(std::move(text)), usable_until(until) {}
};
using TokenPtr = std::shared_ptr<const Token>;

// The token of one identity for one resource, as requests see it. Thread-safe; nothing here waits. Outlives whoever
// keeps it fresh as long as a request holds it.
class Credential : public std::enable_shared_from_this<Credential> {
 public:
  // `description`: the identity in words for the log, without a secret.
  Credential(std::string description, std::string resource, Milliseconds between_refusals);

  const std::string& description() const noexcept { return description_; }
  const std::string& resource() const noexcept { return resource_; }

  // The token to send now; null: there is none.
  TokenPtr token() const;
  // Whether there is one, for who only wants to know that.
  std::shared_ptr<const std::atomic<bool>> usable();

  // A backend has answered 401 to this very token: it is dropped, and a new one fetched at once. True: another one is
  // there or on its way, so waiting for it is worth while. False: too soon after the last time, so the token is not at
  // fault, or nobody keeps it fresh any more; it stays.
  bool refuse(const TokenPtr& token, TimePoint now);
  // The line is woken once, when the next token comes. Register first and look again, or one is missed.
  void wake_on_token(std::weak_ptr<net::RemoteWake::Line> line);

  // For the keeper, on its loop.
  void keep_with(std::weak_ptr<net::RemoteWake::Line> keeper);
  void set(TokenPtr token);
  void drop(const TokenPtr& token);
  // Whether a refusal wishes for a new token; asked once, it is forgotten, and `set` fulfils it.
  bool take_wish() noexcept { return wished_.exchange(false); }

 private:
  const std::string description_;
  const std::string resource_;
  const Milliseconds between_refusals_;
  mutable std::mutex mutex_;
  TokenPtr token_;
  std::optional<TimePoint> refused_at_;
  std::weak_ptr<net::RemoteWake::Line> keeper_;
  std::vector<std::weak_ptr<net::RemoteWake::Line>> waiting_;
  std::atomic<bool> usable_{false};
  std::atomic<bool> wished_{false};
};

}  // namespace spillway::identity
