#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "checks.hpp"
#include "child.hpp"
#include "fake_backend.hpp"
#include "program.hpp"

// Killed without warning at any moment, it starts again as if nothing had been.
namespace spillway::test {
namespace {

namespace fs = std::filesystem;

constexpr char program[] = SPILLWAY_PROGRAM;

std::set<std::string> writable_files_of(const fs::path& process) {
  std::set<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(process / "fd")) {
    std::error_code gone;
    const fs::path target = fs::read_symlink(entry.path(), gone);
    std::ifstream info(process / "fdinfo" / entry.path().filename());
    std::string flags;
    while (info >> flags && flags != "flags:") {
    }
    info >> flags;
    const bool writable = (std::strtol(flags.c_str(), nullptr, 8) & O_ACCMODE) != O_RDONLY;
    if (writable && fs::is_regular_file(target, gone)) found.insert(target);
  }
  return found;
}

// The running daemon and the port it listens on.
struct Life {
  Life(const std::string& config, const std::string& output) : child({program, "serve", "--config", config}, output) {
    if (!eventually([&] { return child.output().find("\"serving\"") != std::string::npos || !child.running(); }))
      return;
    const std::string said = child.output();
    const std::size_t at = said.find("127.0.0.1:");
    if (at != std::string::npos) port = static_cast<std::uint16_t>(std::atoi(said.c_str() + at + 10));
  }
  // Files it could write to, but for its own output and what it has from whoever runs the tests.
  std::set<std::string> writable_files() const {
    std::set<std::string> found = writable_files_of("/proc/" + std::to_string(child.pid()));
    for (const std::string& inherited : writable_files_of("/proc/self")) found.erase(inherited);
    std::erase_if(found, [](const fs::path& file) { return file.filename() == "output"; });
    return found;
  }
  Child child;
  std::uint16_t port = 0;
};

std::map<std::string, std::string> files_in(const std::string& folder) {
  std::map<std::string, std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().filename() == "output") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    found[entry.path()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return found;
}

// SPILLWAY_TEST_KILLS: how often; 100 where there is time.
TEST(Killed, Q11AtAnyMomentUnderLoadItLeavesNothingToRepair) {
  const char* wanted = std::getenv("SPILLWAY_TEST_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 5;
  FakeBackend backend;
  backend.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    for (int i = 0; i < 20; ++i)
      if (!turn.chunk("data: " + std::to_string(i) + "\n\n")) return;
    turn.end_stream();
  });
  const TemporaryFolder folder;
  const std::string config = folder.write(
      "spillway.yaml", "listeners: [{address: \"127.0.0.1:0\"}]\nworkers: 2\nlog: {level: info, format: json}\n" +
                           clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a"));
  const std::map<std::string, std::string> before = files_in(folder.path());
  std::minstd_rand moments(1);
  for (int i = 0; i < kills; ++i) {
    std::error_code none;
    fs::remove(folder.path() + "/output", none);
    Life life(config, folder.path() + "/output");
    ASSERT_NE(life.port, 0) << life.child.output();
    // It serves again, as if it had never been killed.
    const Message first = RawClient(life.port).call(chat_request());
    EXPECT_EQ(first.status(), 200);
    EXPECT_TRUE(first.complete);
    EXPECT_THAT(life.writable_files(), testing::IsEmpty());

    std::vector<RawClient> clients;
    for (int n = 0; n < 8; ++n) {
      clients.emplace_back(life.port);
      clients.back().send(chat_request());
    }
    std::size_t some = moments() % 160;
    for (RawClient& client : clients) {
      const std::size_t events = std::min<std::size_t>(some, 20);
      some -= events;
      if (events != 0) client.receive_until("data: " + std::to_string(events - 1) + "\n\n");
    }
    life.child.send(SIGKILL);
    EXPECT_EQ(life.child.wait(), -1);
    for (RawClient& client : clients) {
      const Message answer = client.receive();
      EXPECT_TRUE(!answer.complete || answer.body.ends_with("data: 19\n\n")) << "a cut answer never looks whole";
    }
    EXPECT_EQ(files_in(folder.path()), before);
  }
}

}  // namespace
}  // namespace spillway::test
