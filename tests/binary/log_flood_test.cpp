#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "daemon.hpp"
#include "fake_backend.hpp"

// What can be made to happen from outside as often as anybody likes is not told as often. That writing never waits for
// who reads is shown in unit/base/log_test.cpp.
namespace spillway::test {
namespace {

constexpr std::size_t bad_requests = 2'000;

void flood(const Daemon& daemon) {
  const std::vector<std::string> bad = {"GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                                        request("GET", "/openai", {{"api-key", "wrong"}}), chat_request("\r\n\x1b[2J")};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      for (std::size_t call = 0; call < bad_requests / 4; ++call)
        EXPECT_NE(daemon.client().call(bad[call % bad.size()]).status(), 200);
    });
  }
  for (std::thread& client : clients) client.join();
}

TEST(LogFlood, S14BadRequestsWriteNothingButTheirAccessLines) {
  const FakeBackend backend;
  Daemon daemon(SPILLWAY_PROGRAM, clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a"));
  const std::size_t before = daemon.lines_with("");
  flood(daemon);
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200);
  EXPECT_LE(daemon.lines_with(""), before + 5);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(LogFlood, S14EachBadRequestHasOneAccessLineAtMost) {
  const FakeBackend backend;
  Daemon daemon(SPILLWAY_PROGRAM, clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a"), 0,
                "level: info, format: json, access: true");
  const std::size_t before = daemon.lines_with("");
  flood(daemon);
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_LE(daemon.lines_with(""), before + bad_requests + 10);
}

TEST(LogFlood, S14FailedAttemptsAreToldOnceASecond) {
  FakeBackend gone;
  gone.refuse_connections();
  Daemon daemon(SPILLWAY_PROGRAM, clients_yaml() + backends_yaml({gone.url()}) + pool_yaml("a", no_circuits));
  const auto begun = std::chrono::steady_clock::now();
  RawClient client = daemon.client();
  for (int i = 0; i < 500; ++i) EXPECT_NE(client.call(chat_request()).status(), 200);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_GE(daemon.lines_with("an attempt failed"), 1U);
  EXPECT_LE(daemon.lines_with("an attempt failed"), 2U + std::size_t(seconds.count()));
}

}  // namespace
}  // namespace spillway::test
