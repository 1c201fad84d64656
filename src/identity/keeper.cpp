#include "keeper.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

#include "spillway/base/log.hpp"

namespace spillway::identity {
namespace {

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

Keeper::Keeper(net::Loop& loop, Caller& caller, config::Identity identity, const Tokens::Options& options)
    : loop_(loop),
      caller_(caller),
      identity_(std::move(identity)),
      options_(options),
      source_(make_source(identity_, Surroundings{options.environment, options.files, options.arc_keys})),
      credential_(
          std::make_shared<Credential>(describe(identity_), resource_of(identity_), options.timing.between_refusals)),
      suspension_(loop),
      remote_(std::in_place, loop, suspension_),
      expiry_(loop.timers(), [](void* self) { static_cast<Keeper*>(self)->expire(); }, this) {
  credential_->keep_with(remote_->line());
}

Keeper::~Keeper() = default;

void Keeper::take_over(const Keeper& other) {
  const TokenPtr token = other.credential_->token();
  if (!token) return;
  announced_ = other.announced_;
  hold(token);
}

void Keeper::stop() noexcept {
  slot_.cancel();
}

net::awaitable<void> Keeper::run() {
  while (!slot_.cancelled()) {
    co_await fetch();
    const net::CancelSlot::Guard guard(slot_, suspension_);
    while (!slot_.cancelled() && !credential_->take_wish() && loop_.now() < next_) {
      co_await suspension_.until(next_);
    }
  }
}

// The answer to the last of the source's requests.
net::awaitable<HttpAnswer> Keeper::ask() {
  const TimePoint deadline = loop_.now() + options_.timing.call;
  Step step = source_->request(std::chrono::system_clock::now());
  for (;;) {
    HttpAnswer answer;
    answer.problem = slot_.cancelled() ? "cancelled" : step.problem;
    if (!answer.problem.empty()) co_return answer;
    answer = co_await caller_.call(step.request, deadline, slot_);
    if (!answer.problem.empty()) co_return answer;
    std::optional<Step> further = source_->after(answer);
    if (!further) co_return answer;
    step = std::move(*further);
  }
}

net::awaitable<void> Keeper::fetch() {
  HttpAnswer answer;
  try {
    answer = co_await ask();
  } catch (const std::exception& error) {
    answer.problem = error.what();
  }
  if (slot_.cancelled()) co_return;
  if (!answer.problem.empty()) {
    fail(std::move(answer.problem), std::nullopt);
  } else if (answer.status != 200) {
    fail(describe_answer(answer), answer.retry_after());
  } else {
    auto parsed = parse_grant(answer.body, std::chrono::system_clock::now());
    if (auto* grant = std::get_if<Grant>(&parsed))
      accept(std::move(*grant));
    else
      fail(std::get<std::string>(std::move(parsed)), std::nullopt);
  }
}

std::string Keeper::describe_answer(const HttpAnswer& answer) const {
  const std::vector<std::string> secrets = source_->secrets();
  const std::vector<std::string_view> views(secrets.begin(), secrets.end());
  return describe_refusal(answer.status, answer.body, views);
}

void Keeper::accept(Grant grant) {
  const TimePoint now = loop_.now();
  const Plan plan = plan_for(grant, now, options_.timing);
  next_ = plan.refresh_at;
  failures_ = 0;
  if (options_.fetched) options_.fetched(*credential_, true);
  const auto level = announced_ ? log::Level::debug : log::Level::info;
  if (log::enabled(level)) {
    log::write(level, "an access token has been obtained",
               {{"identity", credential_->description()},
                {"source", source_->name()},
                {"resource", credential_->resource()},
                {"expires_in_s", whole_seconds(grant.expires_in)},
                {"refresh_in_s", whole_seconds(next_ - now)}});
  }
  announced_ = true;
  hold(std::make_shared<const Token>(std::move(grant.token), plan.usable_until));
}

void Keeper::hold(TokenPtr token) {
  token_ = std::move(token);
  expiry_.set(token_->usable_until);
  const bool had_none = !credential_->token();
  credential_->set(token_);
  if (had_none && options_.gained) options_.gained(*credential_);
}

void Keeper::fail(std::string problem, std::optional<Milliseconds> retry_after) {
  ++failures_;
  announced_ = false;
  if (options_.fetched) options_.fetched(*credential_, false);
  const Milliseconds wait = back_off(failures_, retry_after, random_jitter(), options_.timing);
  const TimePoint now = loop_.now();
  next_ = now + wait;
  const TokenPtr token = credential_->token();
  log::warn("no access token could be obtained",
            {{"identity", credential_->description()},
             {"source", source_->name()},
             {"resource", credential_->resource()},
             {"error", problem},
             {"failures", failures_},
             {"next_try_in_ms", wait.count()},
             {"token_good_for_s", token ? std::max<std::int64_t>(whole_seconds(token->usable_until - now), 0) : 0}});
}

void Keeper::expire() {
  if (credential_->token() != token_) return;
  credential_->drop(token_);
  log::warn("an access token has expired and there is no new one",
            {{"identity", credential_->description()}, {"resource", credential_->resource()}});
}

}  // namespace spillway::identity
