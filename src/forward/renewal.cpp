#include "forwarding.hpp"
#include "outcome.hpp"
#include "spillway/base/log.hpp"

namespace spillway::forward {
namespace {

// How long a request waits for a new access token once the backend has refused the one it had.
constexpr Milliseconds token_patience{5'000};

}  // namespace

// The backend has answered 401 to `token`. True: there is another one, now in `token`, and the request may be sent once
// more.
awaitable<bool> Forwarding::renew(const pool::Picked& picked, identity::TokenPtr& token) {
  identity::Credential& credential = *snapshot_->credential(picked.backend);
  const TimePoint now = services_.loop.now();
  const bool worth_while = credential.refuse(token, now);
  if (snapshot_->may_complain(picked.backend, now)) {
    log::warn("a backend refuses an access token", {{"backend", snapshot_->config().backends[picked.backend].name},
                                                    {"identity", credential.description()},
                                                    {"resource", credential.resource()},
                                                    {"renewed", worth_while}});
  }
  if (!worth_while || !replayable_ || !complete_) co_return false;
  identity::TokenPtr other = co_await other_token(credential, token);
  waited_ += services_.loop.now() - now;
  if (!other) co_return false;
  token = std::move(other);
  co_return true;
}

awaitable<identity::TokenPtr> Forwarding::other_token(identity::Credential& credential, identity::TokenPtr old) {
  net::Suspension suspension(services_.loop);
  const net::RemoteWake remote(services_.loop, suspension);
  const net::CancelSlot::Guard guard(slot_, suspension);
  const TimePoint until = earliest(services_.loop.now() + token_patience, deadline_);
  for (;;) {
    credential.wake_on_token(remote.line());
    // Looked at after the line stands, so that none is missed.
    identity::TokenPtr token = credential.token();
    if (token && token != old) co_return token;
    if (slot_.cancelled() || services_.loop.now() >= until) co_return identity::TokenPtr();
    co_await suspension.until(until);
  }
}

// The answer that the client will not see. The place at the backend is kept for the next one, and the circuit hears
// nothing of it.
void Forwarding::note_refusal(const pool::Picked& picked, std::size_t record, std::unique_ptr<Answer> answer) {
  const pool::Verdict verdict = pool::Verdict::answered(answer->head().status);
  record_.attempts[record].status = verdict.status;
  snapshot_->member_series(pool_index_, picked.member).outcome(outcome(verdict)).add();
  snapshot_->pool_series(pool_index_).retries->add();
  auto candidate = std::make_unique<Candidate>();
  candidate->answer = std::move(answer);
  candidate->backend = picked.backend;
  dispose(std::move(candidate));
}

}  // namespace spillway::forward
