#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "test_gateway.hpp"

namespace spillway::test {

// Four clients that send one request after the other, each on one connection, from now until `stop`.
class SteadyLoad {
 public:
  explicit SteadyLoad(const TestGateway& gateway) {
    for (int i = 0; i < 4; ++i) {
      clients_.emplace_back([this, &gateway] {
        RawClient client = gateway.client();
        while (!stop_) (client.call(chat_request()).status() == 200 ? served_ : lost_)++;
      });
    }
  }
  ~SteadyLoad() { stop(); }
  SteadyLoad(const SteadyLoad&) = delete;
  SteadyLoad& operator=(const SteadyLoad&) = delete;

  // Waits for the requests that are under way.
  void stop() {
    stop_ = true;
    for (std::thread& client : clients_)
      if (client.joinable()) client.join();
  }
  // Requests that were answered with 200, and all others.
  int served() const noexcept { return served_; }
  int lost() const noexcept { return lost_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> served_{0};
  std::atomic<int> lost_{0};
  std::vector<std::thread> clients_;
};

}  // namespace spillway::test
