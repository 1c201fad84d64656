#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "daemon.hpp"
#include "fake_backend.hpp"
#include "http_cases.hpp"

// What a bad request costs the gateway, in CPU time.
namespace spillway::test {
namespace {

// A head of the largest size, and a little more. A longer body costs more when it is good, too.
constexpr std::size_t longest = 33 << 10;

using Microseconds = std::chrono::duration<double, std::micro>;

// Each on a connection of its own, as bad ones are.
Microseconds cost(const Daemon& daemon, const std::string& bytes, int count) {
  const auto before = daemon.cpu_time();
  for (int i = 0; i < count; ++i) {
    RawClient client = daemon.client();
    client.send(bytes);
    client.receive();
  }
  return Microseconds(daemon.cpu_time() - before) / count;
}

TEST(Cost, Q14ABadRequestCostsLessThanTwiceTheCpuOfAGoodOne) {
  const FakeBackend backend;
  const Daemon daemon(SPILLWAY_PROGRAM, clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a"));
  cost(daemon, chat_request(), 500);
  const Microseconds good = cost(daemon, chat_request(), 2000);
  std::vector<const RequestCase*> refused;
  for (const RequestCase& which : request_cases())
    if (which.status != 0 && which.bytes.size() <= longest) refused.push_back(&which);
  // What the gateway has to look at longest.
  std::sort(refused.begin(), refused.end(),
            [](const auto* a, const auto* b) { return a->bytes.size() > b->bytes.size(); });
  refused.resize(10);
  for (const RequestCase* which : refused) {
    const Microseconds bad = cost(daemon, which->bytes, 500);
    EXPECT_LT(bad.count(), 2 * good.count()) << which->name;
  }
}

}  // namespace
}  // namespace spillway::test
