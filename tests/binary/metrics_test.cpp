#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"
#include "program.hpp"

// What Prometheus gets from the built gateway after a bit of everything.
namespace spillway::test {
namespace {

// Answers, spills over, breaks off, streams, refuses; the scrape after that.
std::string busy_scrape() {
  FakeBackend a, b;
  a.then_reply(200).then_reply(429, {{"Retry-After", "60"}}, "{}");
  b.then_reply(404).then([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: 1\n\n");
    turn.end_stream();
  });
  b.then([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    turn.close();
  });
  const Daemon daemon(SPILLWAY_PROGRAM, clients_yaml() + backends_yaml({a.url(), b.url()}) +
                                            pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}"));
  for (const int status : {200, 404, 200}) EXPECT_EQ(daemon.client().call(chat_request()).status(), status);
  EXPECT_FALSE(daemon.client().call(chat_request()).complete);
  EXPECT_EQ(daemon.client().call(request("GET", "/openai/models", {{"api-key", "wrong"}})).status(), 401);
  EXPECT_EQ(daemon.client().call("no request\r\n\r\n").status(), 400);
  std::string text;
  EXPECT_TRUE(eventually([&] {
    text = RawClient(daemon.admin_port()).call(request("GET", "/metrics", {{"Connection", "close"}})).body;
    return metric(text, "spillway_request_duration_seconds_count{route=\"default\"}") == 4;
  }));
  return text;
}

TEST(Scrape, PromtoolFindsNothingWrongAfterABitOfEverything) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  TemporaryFolder folder;
  const std::string file = folder.write("scrape", busy_scrape());
  const Finished checked = run_program({"/bin/sh", "-c", "promtool check metrics <\"$0\"", file});
  EXPECT_EQ(checked.code, 0);
  EXPECT_EQ(checked.out + checked.err, "");
}

TEST(Scrape, TellsOfTheProcessWhatTheKernelTells) {
  const FakeBackend a;
  const Daemon daemon(SPILLWAY_PROGRAM, clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"), 512);
  const auto scrape = [&] {
    return RawClient(daemon.admin_port()).call(request("GET", "/metrics", {{"Connection", "close"}})).body;
  };
  const std::string idle = scrape();
  EXPECT_EQ(metric(idle, "process_max_fds"), 512);
  constexpr double memory_may_change_by = 64.0 * (1 << 20);
  EXPECT_NEAR(metric(idle, "process_resident_memory_bytes"), static_cast<double>(daemon.resident_bytes()),
              memory_may_change_by);
  EXPECT_GT(metric(idle, "process_start_time_seconds"), 1'700'000'000);
  const double cpu = metric(idle, "process_cpu_seconds_total");
  EXPECT_GT(cpu, 0);
  EXPECT_LE(cpu, std::chrono::duration<double>(daemon.cpu_time()).count() + 0.02) << "in whole ticks of 10 ms";
  std::vector<RawClient> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(daemon.client());
  const double open = metric(idle, "process_open_fds") + 5;
  EXPECT_TRUE(eventually([&] { return metric(scrape(), "process_open_fds") == open; }));
}

TEST(Scrape, HoldsTheFamiliesOfTheDocumentationAndNoOther) {
  const std::regex type("# TYPE ([a-z_]+) ([a-z]+)");
  const std::regex row(R"re(\| `((?:spillway|process)_[a-z_]+)` \| ([a-z]+) \|.*)re");
  const auto families = [](std::istream& lines, const std::regex& form) {
    std::set<std::string> found;
    std::smatch parts;
    for (std::string line; std::getline(lines, line);)
      if (std::regex_match(line, parts, form)) found.insert(parts[1].str() + " " + parts[2].str());
    return found;
  };
  std::istringstream scrape(busy_scrape());
  std::ifstream documentation(SPILLWAY_SOURCE_DIR "/docs/metrics.md");
  EXPECT_EQ(families(scrape, type), families(documentation, row));
}

}  // namespace
}  // namespace spillway::test
