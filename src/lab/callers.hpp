#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "http_client.hpp"
#include "load_engine.hpp"
#include "signals.hpp"

namespace spillway::lab {

// A request that is sent again and again.
struct Ask {
  std::string path;
  std::string body;
};
// A chat completion of `gpt-4o-mini`.
Ask chat_ask(std::string_view prompt);
// The same, answered as a stream.
Ask stream_ask(std::string_view prompt);

// The request as the load generator takes it. Throws std::runtime_error when the target's CA file is none.
LoadTarget load_target(const HttpClient::Target& to, const std::string& key, const Ask& ask);

// Callers side by side, each of which waits for its answer before it asks again.
class Callers {
 public:
  // `count` requests, `at_once` of them side by side; 0 = without end.
  Callers(const HttpClient::Target& target, const std::string& key, const Ask& ask, int at_once, int count = 0);
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
  LoadEngine engine_;
  TimePoint start_ = Clock::now();
  std::atomic<bool> busy_ = true;
  std::vector<Sent> all_;  // the thread's until it has ended
  std::jthread thread_;
};

}  // namespace spillway::lab
