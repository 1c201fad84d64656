#include "lab/load_run.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "support/http_message.hpp"
#include "support/socket.hpp"

namespace spillway::lab {
namespace {

using test::ListeningSocket;
using test::Socket;

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx-routed-backend: eastus\r\n\r\n{}";

bool read_request(Socket& socket) {
  std::string bytes;
  while (!test::take_message(bytes)) {
    const std::string more = socket.receive();
    if (more.empty()) return false;
    bytes += more;
  }
  return true;
}

LoadSetup setup_for(std::uint16_t port, const std::string& duration, std::uint64_t requests, std::uint64_t warmup = 0) {
  LoadOptions options;
  options.url = "http://127.0.0.1:" + std::to_string(port);
  options.model = "gpt-4o-mini";
  options.duration = duration;
  options.requests = requests;
  options.warmup = warmup;
  std::string problem;
  return read_load(options, "k", std::nullopt, problem).value_or(LoadSetup());
}

LoadRun::Show nothing() {
  LoadRun::Show show;
  show.lines = false;
  return show;
}

TEST(LoadRun, CountsWhatCameBackButNotTheWarmUp) {
  const SignalWatch signals;
  ListeningSocket server;
  std::jthread backend([&] {
    Socket socket = server.accept();
    while (read_request(socket)) socket.send(answer);
  });
  const LoadResult result = LoadRun(setup_for(server.port(), "", 5, 3), nullptr, nothing()).play(signals);
  EXPECT_EQ(result.summary.requests, 5U);
  EXPECT_EQ(result.summary.succeeded, 5U);
  EXPECT_FALSE(result.summary.interrupted);
  EXPECT_EQ(result.records.size(), 5U);
  EXPECT_EQ(result.records.front().number, 1U);
  EXPECT_GT(result.summary.lasted_s, 0);
}

TEST(LoadRun, ASignalEndsItAndWhatWasAnsweredIsKept) {
  const SignalWatch signals;
  ListeningSocket server;
  std::jthread backend([&] {
    Socket socket = server.accept();
    for (int i = 0; i < 3; ++i) {
      read_request(socket);
      socket.send(answer);
    }
    read_request(socket);
    ::kill(::getpid(), SIGINT);
    EXPECT_FALSE(read_request(socket)) << "the one in flight is given up";
  });
  const LoadResult result = LoadRun(setup_for(server.port(), "1h", 0), nullptr, nothing()).play(signals);
  EXPECT_TRUE(result.summary.interrupted);
  EXPECT_EQ(result.summary.requests, 3U);
  EXPECT_EQ(result.summary.failed(), 0U);
}

TEST(LoadRun, ASignalDuringTheWarmUpEndsEverything) {
  const SignalWatch signals;
  ListeningSocket server;
  std::jthread backend([&] {
    Socket socket = server.accept();
    read_request(socket);
    ::kill(::getpid(), SIGTERM);
    EXPECT_FALSE(read_request(socket));
  });
  const LoadResult result = LoadRun(setup_for(server.port(), "", 5, 3), nullptr, nothing()).play(signals);
  EXPECT_TRUE(result.summary.interrupted);
  EXPECT_EQ(result.summary.requests, 0U);
}

}  // namespace
}  // namespace spillway::lab
