#include "demo_callers.hpp"

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "json.hpp"
#include "spillway/base/time.hpp"

namespace spillway::lab {
namespace {

constexpr Milliseconds look_again{20};

std::string chat_body(std::string_view prompt) {
  const Json message = {{"role", "user"}, {"content", prompt}};
  return dump({{"model", "gpt-4o-mini"}, {"messages", Json::array({message})}, {"max_tokens", 64}});
}

Sent ask(HttpClient& client, const std::string& key, const std::string& body) {
  const HttpReply reply =
      client.send("POST", demo_path, {{"api-key", key}, {"content-type", "application/json"}}, body);
  Sent sent;
  sent.status = reply.error.empty() ? reply.status : 0;
  sent.backend = reply.field("x-routed-backend");
  sent.region = reply.field("x-ms-region");
  sent.attempts = reply.field("x-attempts");
  sent.milliseconds = reply.seconds * 1000;
  return sent;
}

}  // namespace

std::vector<Sent> ask_many(const HttpClient::Target& target, const std::string& key, std::string_view prompt, int count,
                           int at_once, const SignalWatch& signals) {
  const std::string body = chat_body(prompt);
  std::vector<Sent> all;
  std::mutex mutex;
  std::atomic<int> left{count};
  std::atomic<int> busy{at_once};
  std::vector<std::jthread> callers;
  for (int i = 0; i < at_once; ++i) {
    callers.emplace_back([&] {
      HttpClient client(target);
      while (left.fetch_sub(1) > 0) {
        Sent one = ask(client, key, body);
        const std::lock_guard lock(mutex);
        all.push_back(std::move(one));
      }
      --busy;
    });
  }
  while (busy > 0) {
    if (signals.arrived()) left = 0;
    std::this_thread::sleep_for(look_again);
  }
  callers.clear();
  return all;
}

}  // namespace spillway::lab
