#include <gtest/gtest.h>
#include <sys/resource.h>

#include <vector>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"

// ThreadSanitizer's and AddressSanitizer's own memory would be measured; UBSan opens a pipe to look at an object it
// does not know yet, and takes it for broken when there is no descriptor for that.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool adds_memory = true;
#elif defined(__has_feature)
constexpr bool adds_memory = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool adds_memory = false;
#endif
#if defined(__has_feature)
constexpr bool needs_descriptors = __has_feature(undefined_behavior_sanitizer);
#else
constexpr bool needs_descriptors = false;
#endif

// What the daemon does when descriptors run out, and what its connections cost.
namespace spillway::test {
namespace {

std::string yaml(const FakeBackend& backend) {
  return clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a");
}

TEST(Descriptors, S07ClientsLeaveEnoughOfThemForBackends) {
  FakeBackend backend;
  Daemon daemon(SPILLWAY_PROGRAM, yaml(backend), 96);
  EXPECT_EQ(daemon.lines_with("the limit of open files is too low"), 1U);
  std::vector<RawClient> clients;
  for (int i = 0; i < 32; ++i) {
    clients.push_back(daemon.client());
    ASSERT_EQ(clients.back().call(chat_request()).status(), 200) << i;
  }
  EXPECT_TRUE(is_gateway_error(daemon.client().call(chat_request()), 503, "overloaded"));
  for (RawClient& client : clients) EXPECT_EQ(client.call(chat_request()).status(), 200);
  clients.clear();
  EXPECT_TRUE(eventually([&] { return daemon.client().call(chat_request()).status() == 200; }));
  EXPECT_EQ(daemon.stop(), 0);
}

// So few that not even those who are told that there are too many fit.
TEST(Descriptors, S07RunningOutOfThemPausesTheAcceptingAndNothingElse) {
  if (needs_descriptors) GTEST_SKIP() << "the sanitizer needs descriptors of its own";
  constexpr char complaint[] = "cannot accept connections for the moment";
  FakeBackend backend;
  Daemon daemon(SPILLWAY_PROGRAM, yaml(backend), 26);
  RawClient old = daemon.client();
  ASSERT_EQ(old.call(chat_request()).status(), 200);
  std::vector<Socket> idle;
  for (int i = 0; i < 60; ++i) idle.push_back(Socket::connect(daemon.port()));
  ASSERT_TRUE(eventually([&] { return daemon.lines_with(complaint) == 1; })) << daemon.output();

  const auto cpu_before = daemon.cpu_time();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(old.call(chat_request()).status(), 200) << "who is connected is served";
  ASSERT_TRUE(eventually([&] { return daemon.lines_with(complaint) == 3; }));
  const auto lasted = std::chrono::steady_clock::now() - begun;
  EXPECT_LT(daemon.cpu_time() - cpu_before, lasted / 4) << "it does not spin";
  EXPECT_GE(lasted, std::chrono::seconds(1)) << "and does not flood the log";

  idle.clear();
  EXPECT_TRUE(eventually([&] { return daemon.client().call(chat_request()).status() == 200; }));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Memory, S05AnIdleConnectionCostsLessThanTwentyKilobytes) {
  if (adds_memory) GTEST_SKIP() << "the sanitizer's own memory would be measured";
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < 4096) GTEST_SKIP() << "too few descriptors";
  FakeBackend backend;
  Daemon daemon(SPILLWAY_PROGRAM, yaml(backend));
  constexpr std::size_t count = 1000;
  std::vector<RawClient> clients;
  // What the first ones need, such as read buffers, is shared by all.
  const auto open = [&](std::size_t n) {
    while (clients.size() < n) {
      clients.push_back(daemon.client());
      ASSERT_EQ(clients.back().call(chat_request()).status(), 200);
    }
  };
  open(100);
  const std::size_t before = daemon.resident_bytes();
  open(100 + count);
  const std::size_t after = daemon.resident_bytes();
  EXPECT_LT((after - std::min(before, after)) / count, 20'000U);
}

}  // namespace
}  // namespace spillway::test
