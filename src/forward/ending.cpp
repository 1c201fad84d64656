#include <algorithm>

#include "forwarding.hpp"
#include "replies.hpp"

// What the client gets when no member gave an answer worth passing on.
namespace spillway::forward {

// The rules end the retries: the last answer is passed on; without one the client learns only that there was none.
awaitable<void> Forwarding::give_up() {
  if (candidate_ && !expired_ && !misleading(services_.loop.now())) {
    co_await relay();
    co_return;
  }
  const bool late = expired_ || (verdict_.kind == pool::Verdict::Kind::failed && verdict_.error == ErrorKind::timeout);
  if (late)
    co_await reply(replies::upstream_timeout(record_.request_id));
  else if (gateway_failed_)
    co_await reply(replies::overloaded(record_.request_id));
  else
    co_await reply(replies::upstream_error(record_.request_id));
}

// The last answer says that an object is unknown, but a member that could know it was not asked.
bool Forwarding::misleading(TimePoint now) const {
  if (!searching_ || candidate_->answer->head().status != 404) return false;
  for (const pool::Explained& member : pool_->explain(wish_, now)) {
    const bool asked = (not_found_at_ >> member.member & 1U) != 0;
    const bool out_of_question =
        member.standing == pool::Standing::not_served || member.standing == pool::Standing::drained;
    if (!asked && !out_of_question) return true;
  }
  return false;
}

awaitable<void> Forwarding::exhausted(const pool::Exhausted& none) {
  const config::ExhaustedStatus mode = snapshot_->config().on_exhausted.status;
  const TimePoint now = services_.loop.now();
  if (now >= deadline_) {
    co_await reply(replies::upstream_timeout(record_.request_id));
    co_return;
  }
  // All members know nothing of it, or its only one has spoken.
  const bool unknown = candidate_ && candidate_->answer->head().status == 404 && searching_;
  const bool in_vain = unknown && !misleading(now);
  if (candidate_ && (none.owner_unavailable || in_vain)) {
    co_await relay();
    co_return;
  }
  snapshot_->pool_series(pool_index_).exhausted->add();
  if (candidate_ && mode == config::ExhaustedStatus::upstream && !unknown) {
    co_await relay();
    co_return;
  }
  if (none.full || gateway_failed_) {
    co_await reply(replies::overloaded(record_.request_id));
    co_return;
  }
  const Duration wait = std::max(Duration::zero(), none.earliest - now);
  if (none.owner_unavailable) {
    co_await reply(replies::owner_unavailable(wait, record_.request_id));
    co_return;
  }
  co_await reply(replies::exhausted(mode, none.all_throttled, wait, record_.request_id));
}

}  // namespace spillway::forward
