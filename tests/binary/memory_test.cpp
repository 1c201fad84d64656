#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <vector>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"

// ThreadSanitizer's and AddressSanitizer's own memory would be measured.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool adds_memory = true;
#elif defined(__has_feature)
constexpr bool adds_memory = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool adds_memory = false;
#endif

// What the daemon's connections cost.
namespace spillway::test {
namespace {

std::string yaml(const FakeBackend& backend) {
  return clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a");
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

TEST(Memory, S03AClientThatReadsSlowlyCostsLessThan128Kibibytes) {
  if (adds_memory) GTEST_SKIP() << "the sanitizer's own memory would be measured";
  constexpr std::size_t count = 100;
  constexpr std::size_t answer_size = 10U << 20;
  FakeBackend backend;
  std::atomic<std::size_t> sent{0};
  backend.always([&](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    const std::string piece(64 << 10, 'x');
    for (std::size_t i = 0; i < answer_size / piece.size() && turn.chunk(piece); ++i) sent += piece.size();
    turn.end_stream();
  });
  Daemon daemon(SPILLWAY_PROGRAM, yaml(backend));
  const std::size_t before = daemon.resident_bytes();
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(daemon.client());
    clients.back().socket().set_receive_buffer(4096);
    clients.back().send(chat_request());
    ASSERT_TRUE(clients.back().receive_until("xxxx"));
  }
  // What the kernel takes moves on; then everything stands still but for the little that each client reads.
  std::size_t seen = 0;
  auto since = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] {
    for (RawClient& client : clients) client.socket().receive(10);
    const auto now = std::chrono::steady_clock::now();
    if (sent != seen) since = now;
    seen = sent;
    return now - since > std::chrono::milliseconds(500);
  }));
  EXPECT_LT(sent, count * answer_size) << "the answers were not taken whole";
  EXPECT_LT(daemon.resident_bytes(), before + count * (128U << 10));
  EXPECT_EQ(daemon.client().call(request("GET", "/x", {})).status(), 401) << "others are served meanwhile";
}

}  // namespace
}  // namespace spillway::test
