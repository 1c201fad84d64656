#include "stale_race.hpp"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <thread>
#include <vector>

#include "bytes.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t lanes = 16;
constexpr milliseconds idle_limit{8};

void answer_and_close_when_idle(FakeBackend::Turn& turn) {
  turn.reply(200);
  pollfd next{turn.socket().descriptor(), POLLIN, 0};
  if (::poll(&next, 1, static_cast<int>(idle_limit.count())) == 0) turn.close();
}

// Each lane has a backend, a model and a client of its own, so that its next request meets the connection of the one
// before.
std::string yaml(const std::list<FakeBackend>& backends) {
  std::string list = "backends:\n";
  std::string pools = "pools:\n";
  std::string routes = "routes:\n";
  std::size_t lane = 0;
  for (const FakeBackend& backend : backends) {
    const std::string name = std::to_string(lane++);
    list += "  - {name: b" + name + ", url: \"" + backend.url() + "\"}\n";
    pools += "  - {name: p" + name + ", members: [{backend: b" + name + "}], " + no_circuits + "}\n";
    routes += "  - {name: r" + name + ", match: {models: [m" + name + "]}, pool: p" + name + "}\n";
  }
  return clients_yaml() + list + pools + routes;
}

// Every fourth one is large, so that the connection may break while it is being sent.
std::string call_of(std::size_t lane, std::size_t number) {
  const std::string model = "m" + std::to_string(lane);
  if (number % 4 != 3) return chat_request(model);
  return request("POST", "/openai/deployments/" + model + "/chat/completions",
                 {{"api-key", "test-key"}, {"Content-Type", "application/json"}}, long_chat_body(300'000, model));
}

}  // namespace

StaleRace run_stale_race(std::size_t calls) {
  std::list<FakeBackend> backends;
  for (std::size_t lane = 0; lane < lanes; ++lane) backends.emplace_back().always(answer_and_close_when_idle);
  std::atomic<std::size_t> lost{0};
  {
    const TestGateway gateway(yaml(backends));
    std::vector<std::thread> clients;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      clients.emplace_back([&, lane] {
        RawClient client = gateway.client();
        for (std::size_t number = lane; number < calls; number += lanes) {
          const Message answer = client.call(call_of(lane, number / lanes));
          if (answer.status() != 200 || !answer.complete) ++lost;
          // All of the ten milliseconds around the backend's limit, in steps that do not follow its timers.
          const std::size_t step = number * 7919 % 10'000;
          std::this_thread::sleep_for(idle_limit - milliseconds(5) + std::chrono::microseconds(step));
        }
      });
    }
    for (std::thread& client : clients) client.join();
  }
  StaleRace race;
  race.lost = lost;
  for (const FakeBackend& backend : backends) {
    const std::vector<int> statuses = backend.statuses();
    race.answered += static_cast<std::size_t>(std::count(statuses.begin(), statuses.end(), 200));
    race.connections += backend.connection_count();
  }
  return race;
}

}  // namespace spillway::test
