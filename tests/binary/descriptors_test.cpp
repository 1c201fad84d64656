#include <gtest/gtest.h>

#include <vector>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"

// UBSan opens a pipe to look at an object it does not know yet, and takes it for broken when there is no descriptor for
// that.
#if defined(__has_feature)
constexpr bool needs_descriptors = __has_feature(undefined_behavior_sanitizer);
#else
constexpr bool needs_descriptors = false;
#endif

// What the daemon does when descriptors run out.
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

// A third finds room; others are told that there are too many, and most not even that: they wait in the kernel.
TEST(Descriptors, S07FarMoreClientsThanThereAreDescriptorsHarmNobodyWhoIsConnected) {
  FakeBackend backend;
  Daemon daemon(SPILLWAY_PROGRAM, yaml(backend), 256);
  std::vector<RawClient> old;
  for (int i = 0; i < 20; ++i) {
    old.push_back(daemon.client());
    ASSERT_EQ(old.back().call(chat_request()).status(), 200);
  }
  std::vector<Socket> flood;
  for (int i = 0; i < 400; ++i) flood.push_back(Socket::connect(daemon.port()));
  const auto cpu_before = daemon.cpu_time();
  const auto begun = std::chrono::steady_clock::now();
  const auto lasted = [&] { return std::chrono::steady_clock::now() - begun; };
  for (RawClient& client : old) EXPECT_EQ(client.call(chat_request()).status(), 200);
  EXPECT_TRUE(eventually([&] { return lasted() > std::chrono::seconds(2); }));
  EXPECT_LT(daemon.cpu_time() - cpu_before, lasted() / 4) << "it does not spin";
  EXPECT_LE(daemon.lines_with("cannot accept connections"), 4U);
  for (RawClient& client : old) EXPECT_EQ(client.call(chat_request()).status(), 200);
  flood.clear();
  EXPECT_TRUE(eventually([&] { return daemon.client().call(chat_request()).status() == 200; }));
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace spillway::test
