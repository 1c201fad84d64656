#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http_client.hpp"
#include "signals.hpp"
#include "spillway/base/time.hpp"
#include "tally.hpp"

namespace spillway::lab {

// A request that is sent again and again.
struct Ask {
  std::string path;
  std::string body;
};
// A chat completion of `gpt-4o-mini`.
Ask chat_ask(std::string_view prompt);

// Callers side by side, each with a connection of its own.
class Callers {
 public:
  static constexpr int without_end = 1'000'000'000;

  // `count` requests, `at_once` of them side by side.
  Callers(const HttpClient::Target& target, const std::string& key, const Ask& ask, int at_once,
          int count = without_end);
  ~Callers() { finish(); }
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  // Until all have come back, or a signal comes.
  std::vector<Sent> wait(const SignalWatch& signals);
  // No more requests; those under way are waited for. In the order they came back.
  std::vector<Sent> finish();
  // Seconds since the first request.
  double now() const;

 private:
  void call();

  HttpClient::Target target_;
  std::string key_;
  Ask ask_;
  std::atomic<int> left_;
  std::atomic<int> busy_;
  TimePoint start_ = Clock::now();
  std::mutex mutex_;
  std::vector<Sent> all_;
  std::vector<std::jthread> threads_;
};

}  // namespace spillway::lab
