#include "outcome.hpp"

#include <algorithm>

#include "spillway/http/retry_after.hpp"

namespace spillway::forward {

pool::Verdict classify(const http::ResponseHead& head, WallTime now) {
  std::optional<Milliseconds> wait;
  if (const auto asked = http::retry_after(head, now)) wait = asked->wait;
  return pool::Verdict::answered(head.status, wait);
}

pool::Verdict classify(const Failure& failure) {
  if (failure.blame != Blame::backend) return pool::Verdict::abandoned();
  return pool::Verdict::failed(failure.kind());
}

observe::Outcome outcome(const pool::Verdict& verdict) noexcept {
  using observe::Outcome;
  switch (verdict.kind) {
    case pool::Verdict::Kind::abandoned: return Outcome::cancelled;
    case pool::Verdict::Kind::failed:
      switch (verdict.error) {
        case ErrorKind::connect: return Outcome::connect;
        case ErrorKind::tls: return Outcome::tls;
        case ErrorKind::timeout: return Outcome::timeout;
        case ErrorKind::reset: return Outcome::reset;
        case ErrorKind::invalid_response: return Outcome::invalid_response;
      }
      return Outcome::reset;
    case pool::Verdict::Kind::answered: break;
  }
  if (verdict.status == 429) return Outcome::throttled;
  if (verdict.status >= 500) return Outcome::server_error;
  if (verdict.status >= 400) return Outcome::client_error;
  return Outcome::success;
}

bool retryable(const config::Retry& rules, const pool::Verdict& verdict) noexcept {
  switch (verdict.kind) {
    case pool::Verdict::Kind::abandoned: return false;
    case pool::Verdict::Kind::failed: return rules.on_errors[static_cast<std::size_t>(verdict.error)];
    case pool::Verdict::Kind::answered: break;
  }
  return std::any_of(rules.status_codes.begin(), rules.status_codes.end(), [&](const config::StatusRange& range) {
    return verdict.status >= range.min && verdict.status <= range.max;
  });
}

}  // namespace spillway::forward
