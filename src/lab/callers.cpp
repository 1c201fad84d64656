#include "callers.hpp"

#include <nlohmann/json.hpp>

#include "json.hpp"

namespace spillway::lab {
namespace {

constexpr Milliseconds look_again{20};

Sent ask_once(HttpClient& client, const std::string& key, const Ask& ask) {
  const HttpReply reply =
      client.send("POST", ask.path, {{"api-key", key}, {"content-type", "application/json"}}, ask.body);
  Sent sent;
  sent.status = reply.error.empty() ? reply.status : 0;
  sent.backend = reply.field("x-routed-backend");
  sent.region = reply.field("x-ms-region");
  sent.attempts = reply.field("x-attempts");
  sent.strategy = reply.field("x-routing-strategy");
  sent.circuit = reply.field("x-circuit-state");
  sent.deployment = reply.field("x-ms-deployment-name");
  sent.milliseconds = reply.seconds * 1000;
  return sent;
}

}  // namespace

Ask chat_ask(std::string_view prompt) {
  const Json message = {{"role", "user"}, {"content", prompt}};
  return {"/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21",
          dump({{"model", "gpt-4o-mini"}, {"messages", Json::array({message})}, {"max_tokens", 64}})};
}

Callers::Callers(const HttpClient::Target& target, const std::string& key, const Ask& ask, int at_once, int count)
    : target_(target), key_(key), ask_(ask), left_(count), busy_(at_once) {
  for (int i = 0; i < at_once; ++i) threads_.emplace_back([this] { call(); });
}

void Callers::call() {
  HttpClient client(target_);
  while (left_.fetch_sub(1) > 0) {
    const double at = now();
    Sent one = ask_once(client, key_, ask_);
    one.at = at;
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(one));
  }
  --busy_;
}

std::vector<Sent> Callers::wait(const SignalWatch& signals) {
  while (busy_ > 0 && !signals.arrived()) std::this_thread::sleep_for(look_again);
  return finish();
}

std::vector<Sent> Callers::finish() {
  left_ = 0;
  threads_.clear();
  return std::move(all_);
}

double Callers::now() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

}  // namespace spillway::lab
