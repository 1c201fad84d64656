#include <algorithm>
#include <cerrno>
#include <chrono>
#include <random>

#include "forwarding.hpp"
#include "outcome.hpp"
#include "replies.hpp"
#include "retry_policy.hpp"
#include "spillway/base/log.hpp"

namespace spillway::forward {
namespace {

double retry_jitter() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(-0.2, 0.2)(generator);
}

// For want of descriptors, ports or memory of our own.
bool is_our_own(const Failure& failure) noexcept {
  if (failure.blame == Blame::gateway) return true;
  if (failure.stage != Stage::connect || failure.error.category() != boost::system::system_category()) return false;
  const int value = failure.error.value();
  return value == EMFILE || value == ENFILE || value == ENOBUFS || value == ENOMEM || value == EADDRNOTAVAIL;
}

}  // namespace

// Members in turn until one gives an answer worth passing on.
awaitable<void> Forwarding::forward() {
  if (services_.loop.heard() >= deadline_) {
    // The client took all the time there was for itself.
    co_await reply(replies::upstream_timeout(record_.request_id));
    co_return;
  }
  for (;;) {
    pool::PickResult pick = co_await next_member();
    if (slot_.cancelled()) co_return;
    if (std::holds_alternative<pool::NotServed>(pick)) {
      co_await reply(replies::model_not_found(record_.request_id));
      co_return;
    }
    if (const auto* none = std::get_if<pool::Exhausted>(&pick)) {
      co_await exhausted(*none);
      co_return;
    }
    if (attempts_ > 0) snapshot_->pool_series(pool_index_).retries->add();
    const Next next = co_await attempt(std::move(std::get<pool::Picked>(pick)));
    if (next == Next::over) co_return;
    if (next == Next::relay) break;
    if (next == Next::pass) continue;
    if (next == Next::search) {
      // What kept the request with one member has led nowhere.
      wish_.pinned.reset();
      wish_.session.reset();
      continue;
    }
    const bool again = co_await may_retry();
    if (slot_.cancelled()) co_return;
    if (!again) {
      co_await give_up();
      co_return;
    }
  }
  if (candidate_->answer->head().status == 101)
    co_await tunnel();
  else
    co_await relay();
}

// Sends what stands in `outgoing_` and waits for the head of the answer.
awaitable<void> Forwarding::ask(Attempt& tried) {
  const bool to_head = original_.head->method == "HEAD";
  if (original_.websocket) tried.expect_switch(*original_.head);
  if (complete_) {
    co_await tried.run(outgoing_, to_head);
  } else {
    co_await tried.run_streamed(outgoing_, client_, !original_.body_length, to_head);
    complete_ = tried.answered() && !tried.client_error();
  }
  waited_ += tried.waited();
}

awaitable<Forwarding::Next> Forwarding::attempt(pool::Picked picked) {
  const config::Backend& backend = snapshot_->config().backends[picked.backend];
  const std::shared_ptr<identity::Credential>& credential = snapshot_->credential(picked.backend);
  tried_.add(picked.member);
  identity::TokenPtr token = credential ? credential->token() : nullptr;
  if (credential && !token) co_return Next::pass;  // it went just now
  ++attempts_;

  std::optional<Attempt> tried;
  std::size_t record = 0;
  for (bool renewed = false;;) {
    const TimePoint begun = services_.loop.heard();
    if (trace_) trace_attempt(picked, begun);
    compose(outgoing_, original_, backend, picked.deployment, snapshot_->access(),
            token ? token->value.reveal() : std::string_view());
    record = record_.attempts.size();
    observe::AttemptRecord& entry = record_.attempts.emplace_back();
    entry.backend = backend.name;
    entry.deployment = picked.deployment;
    tried.emplace(services_.loop, services_.connections, snapshot_->endpoint(picked.backend), pool_config().timeouts,
                  deadline_, slot_);
    co_await ask(*tried);
    record_.attempts[record].took = services_.loop.heard() - begun;
    const bool refused = token && !renewed && tried->answered() && tried->status() == 401;
    if (!refused) break;
    renewed = co_await renew(picked, token);
    if (!renewed) break;
    note_refusal(picked, record, tried->take_answer());
  }

  if (tried->client_error()) {
    record_.attempts[record].error = observe::name(observe::Outcome::cancelled);
    snapshot_->member_series(pool_index_, picked.member).outcome(observe::Outcome::cancelled).add();
    const ErrorCode why = tried->client_error();
    if (why == Errc::timeout)
      co_await reply(replies::request_timeout(record_.request_id));
    else if (why == Errc::too_large)
      co_await reply(replies::request_too_large(record_.request_id));
    else if (why == Errc::bad_message)
      co_await reply(replies::malformed_body(record_.request_id));
    else
      client_.break_off();
    co_return Next::over;
  }
  if (!tried->answered()) co_return failed(picked, *tried, record);
  std::unique_ptr<Answer> answer = tried->take_answer();
  co_return answered(picked, std::move(answer), record);
}

Forwarding::Next Forwarding::answered(pool::Picked& picked, std::unique_ptr<Answer> answer, std::size_t record) {
  const TimePoint now = services_.loop.now();
  verdict_ = classify(answer->head(), record_.time + (now - client_.started()));
  verdict_.first_byte = record_.attempts[record].took;
  gateway_failed_ = false;
  record_.attempts[record].status = verdict_.status;
  if (verdict_.retry_after) snapshot_->backend_series(picked.backend).retry_after->observe(*verdict_.retry_after);
  if (verdict_.status == 429) tried_.add_throttled(picked.member);
  if ((verdict_.status == 401 || verdict_.status == 403) && snapshot_->may_complain(picked.backend, now)) {
    log::warn("a backend refuses the gateway's credential",
              {{"backend", record_.attempts[record].backend}, {"status", verdict_.status}});
  }

  const bool has_others = !wish_.owner;
  const bool again = has_others && retryable(pool_config().retry, verdict_);
  auto candidate = std::make_unique<Candidate>();
  candidate->answer = std::move(answer);
  candidate->member = picked.member;
  candidate->backend = picked.backend;
  candidate->circuit = picked.circuit;
  candidate->attempt = record;
  const bool elsewhere = searching_ && verdict_.status == 404;
  if (elsewhere) not_found_at_ |= 1U << picked.member;
  if (again || elsewhere) {
    // The circuit hears of it before the next member is picked, and the place and its connection are free by then.
    candidate->answer->gather();
    give_back(*candidate);
    picked.lease.settle(verdict_, now);
    snapshot_->member_series(pool_index_, picked.member).outcome(outcome(verdict_)).add();
  } else {
    picked.lease.answer_begins(verdict_.status, now);
    if (outcome(verdict_) == observe::Outcome::success)
      snapshot_->member_series(pool_index_, picked.member).first_byte->observe(*verdict_.first_byte);
    candidate->lease = std::move(picked.lease);
  }
  if (candidate_) dispose(std::move(candidate_));
  candidate_ = std::move(candidate);
  if (elsewhere) return Next::search;
  return again ? Next::retry : Next::relay;
}

Forwarding::Next Forwarding::failed(pool::Picked& picked, const Attempt& tried, std::size_t record) {
  const TimePoint now = services_.loop.now();
  Failure failure = tried.failure();
  if (slot_.cancelled() || failure.error == Errc::cancelled) {
    failure.blame = Blame::client;
  } else if (failure.error == Errc::timeout && now >= deadline_) {
    expired_ = true;
    // The request's own time is up: the backend's fault only when it had most of it, or slow clients could open
    // circuits.
    const bool had_most = 2 * tried.waited() >= pool_config().timeouts.total;
    if (!had_most) failure.blame = Blame::gateway;
  }
  gateway_failed_ = is_our_own(failure);
  if (gateway_failed_) failure.blame = Blame::gateway;
  verdict_ = classify(failure);
  picked.lease.settle(verdict_, now);
  const observe::Outcome how = outcome(verdict_);
  record_.attempts[record].error = observe::name(how);
  snapshot_->member_series(pool_index_, picked.member).outcome(how).add();
  if (failure.blame == Blame::client) return Next::over;
  if (snapshot_->may_complain(picked.backend, now)) complain(picked.backend, failure, tried.detail());
  return Next::retry;
}

void Forwarding::complain(std::size_t backend, const Failure& failure, const std::string& detail) {
  const std::string& name = snapshot_->config().backends[backend].name;
  const std::string_view kind = failure.blame == Blame::gateway ? "gateway" : spillway::name(failure.kind());
  log::warn("an attempt failed",
            {{"backend", name}, {"kind", kind}, {"error", failure.error.message()}, {"detail", detail}});
}

// Whether the rules allow another attempt, and the wait before it.
awaitable<bool> Forwarding::may_retry() {
  const config::Retry& rules = pool_config().retry;
  const TimePoint now = services_.loop.now();
  if (!replayable_ || expired_ || now >= deadline_) co_return false;
  if (!gateway_failed_ && !retryable(rules, verdict_)) co_return false;
  const Milliseconds wait = retry_wait(rules, attempts_, retry_jitter());
  if (!allows_attempt(rules, attempts_, client_.started(), now + wait)) co_return false;
  if (wait.count() == 0) co_return true;
  const Duration bounded = std::min<Duration>(wait, deadline_ == no_deadline ? Duration(wait) : deadline_ - now);
  const ErrorCode cancelled = co_await net::pause_for(services_.loop, bounded, slot_);
  waited_ += services_.loop.now() - now;
  if (services_.loop.now() >= deadline_) {
    expired_ = true;
    co_return false;
  }
  co_return !cancelled;
}

}  // namespace spillway::forward
