#include "secret_keeper.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "grant.hpp"
#include "refresh.hpp"
#include "spillway/base/log.hpp"

namespace spillway::identity {
namespace {

using nlohmann::json;

constexpr std::string_view api_version = "api-version=7.4";
constexpr int unauthorized = 401;

}  // namespace

std::variant<config::Secret, std::string> parse_vault_answer(const HttpAnswer& answer, const Token& sent) {
  if (!answer.problem.empty()) return answer.problem;
  if (answer.status != 200) {
    const std::string_view hidden = sent.value.reveal();
    return describe_refusal(answer.status, answer.body, {&hidden, 1});
  }
  const json body = json::parse(answer.body, nullptr, false);
  const auto value = body.is_object() ? body.find("value") : body.end();
  if (!body.is_object() || value == body.end() || !value->is_string()) return "the answer holds no value";
  return config::Secret(value->get<std::string>());
}

SecretKeeper::SecretKeeper(net::Loop& loop, Caller& caller, const config::KeyVault& settings,
                           config::VaultSecret secret, std::shared_ptr<Credential> credential,
                           const Vault::Options& options)
    : loop_(loop),
      caller_(caller),
      settings_(settings),
      secret_(std::move(secret)),
      credential_(std::move(credential)),
      options_(options),
      suspension_(loop),
      remote_(loop, suspension_) {}

net::awaitable<void> SecretKeeper::run() {
  while (!slot_.cancelled()) {
    co_await fetch();
    const net::CancelSlot::Guard guard(slot_, suspension_);
    if (!slot_.cancelled()) co_await suspension_.until(next_);
  }
}

net::awaitable<void> SecretKeeper::fetch() {
  const TokenPtr token = credential_->token();
  if (!token) {
    if (!value_) problem_ = "there is no access token for " + credential_->description() + " yet";
    next_ = no_deadline;
    credential_->wake_on_token(remote_.line());
    co_return;
  }
  const HttpRequest asked = request(*token);
  const TimePoint deadline = loop_.now() + options_.timing.call;
  const HttpAnswer answer = co_await caller_.call(asked, deadline, slot_);
  if (slot_.cancelled()) co_return;
  auto parsed = parse_vault_answer(answer, *token);
  if (auto* value = std::get_if<config::Secret>(&parsed))
    accept(std::move(*value));
  else
    fail(std::get<std::string>(std::move(parsed)), answer);
  const bool renewing = answer.status == unauthorized && credential_->refuse(token, loop_.now());
  if (renewing) next_ = loop_.now();
}

HttpRequest SecretKeeper::request(const Token& token) const {
  HttpRequest request;
  request.url = secret_.vault;
  request.path = secret_.path();
  request.query = api_version;
  request.fields.emplace_back("Authorization", "Bearer " + std::string(token.value.reveal()));
  return request;
}

void SecretKeeper::accept(config::Secret value) {
  next_ = loop_.now() + settings_.poll_interval;
  if (failures_ > 0 && value_) log::info("Key Vault answers again", {{"secret", secret_.text()}});
  failures_ = 0;
  problem_.clear();
  fetched_at_ = std::chrono::system_clock::now();
  if (options_.fetched) options_.fetched(secret_, true);
  if (value_ == value) return;
  log::info(value_ ? "a secret in Key Vault has a new value" : "a secret has been fetched from Key Vault",
            {{"secret", secret_.text()}});
  value_ = std::move(value);
  if (options_.changed) options_.changed(secret_);
}

void SecretKeeper::fail(std::string problem, const HttpAnswer& answer) {
  ++failures_;
  const Milliseconds wait = back_off(failures_, answer.retry_after(), random_jitter(), options_.timing);
  next_ = loop_.now() + wait;
  problem_ = std::move(problem);
  if (options_.fetched) options_.fetched(secret_, false);
  log::warn("a secret could not be fetched from Key Vault", {{"secret", secret_.text()},
                                                             {"identity", credential_->description()},
                                                             {"error", problem_},
                                                             {"failures", failures_},
                                                             {"next_try_in_ms", wait.count()},
                                                             {"old_value_in_use", value_.has_value()}});
}

}  // namespace spillway::identity
