#include "callers.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "json.hpp"
#include "load_request.hpp"

namespace spillway::lab {
namespace {

constexpr Milliseconds look_again{20};
constexpr Milliseconds patience{10'000};
constexpr char chat_path[] = "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21";

Json chat_body(std::string_view prompt) {
  const Json message = {{"role", "user"}, {"content", prompt}};
  return {{"model", "gpt-4o-mini"}, {"messages", Json::array({message})}, {"max_tokens", 64}};
}

}  // namespace

Ask chat_ask(std::string_view prompt) {
  return {chat_path, dump(chat_body(prompt))};
}

Ask stream_ask(std::string_view prompt) {
  Json body = chat_body(prompt);
  body["stream"] = true;
  return {chat_path, dump(body)};
}

LoadTarget load_target(const HttpClient::Target& to, const std::string& key, const Ask& ask) {
  LoadTarget target;
  target.host = to.host;
  target.port = to.port;
  target.timeout = patience;
  target.request = post_request(to.host + ":" + std::to_string(to.port), ask.path, {{"api-key", key}}, ask.body);
  if (!to.ca) return target;
  net::TlsClient::Options options;
  options.ca = to.ca;
  options.server_name = to.host;
  std::string problem;
  const auto made = net::TlsClient::make(options, problem);
  if (!made) throw std::runtime_error(problem);
  target.tls = *made;
  return target;
}

Callers::Callers(const HttpClient::Target& target, const std::string& key, const Ask& ask, int at_once, int count)
    : engine_(load_target(target, key, ask)) {
  LoadPlan plan;
  plan.requests = static_cast<std::uint64_t>(count);
  plan.in_flight = static_cast<std::uint32_t>(at_once);
  thread_ = std::jthread([this, plan] {
    engine_.run(plan, [this](Sent&& sent) { all_.push_back(std::move(sent)); });
    busy_ = false;
  });
}

std::vector<Sent> Callers::wait(const SignalWatch& signals) {
  while (busy_ && !signals.arrived()) std::this_thread::sleep_for(look_again);
  return finish();
}

std::vector<Sent> Callers::finish() {
  engine_.finish();
  if (thread_.joinable()) thread_.join();
  return std::move(all_);
}

double Callers::now() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

}  // namespace spillway::lab
