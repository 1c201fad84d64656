#include "spillway/base/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

namespace spillway {
namespace {

// What `body` writes to standard output. The log is put back to how it starts.
std::string logged(log::Level level, log::Format format, const std::function<void()>& body) {
  testing::internal::CaptureStdout();
  log::configure(level, format);
  body();
  log::flush();
  return testing::internal::GetCapturedStdout();
}

TEST(Log, AJsonLineHasTimeLevelMessageAndFields) {
  const std::string line = logged(log::Level::info, log::Format::json, [] {
    log::warn("a \"message\"\n", {{"backend", "eastus"}, {"count", 3}, {"drained", false}, {"ratio", 0.5}});
  });
  ASSERT_TRUE(line.ends_with("\n"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto parsed = nlohmann::ordered_json::parse(line);
  EXPECT_EQ(parsed["level"], "warn");
  EXPECT_EQ(parsed["message"], "a \"message\"\n");
  EXPECT_EQ(parsed["backend"], "eastus");
  EXPECT_EQ(parsed["count"], 3);
  EXPECT_EQ(parsed["drained"], false);
  EXPECT_EQ(parsed["ratio"], 0.5);
  EXPECT_EQ(parsed["time"].get<std::string>().size(), std::string("2026-01-31T12:00:00.123Z").size());
  EXPECT_EQ(parsed.begin().key(), "time");
}

TEST(Log, T15HostileFieldsStayOneLineOfValidJson) {
  const std::string line = logged(log::Level::info, log::Format::json, [] {
    log::info("x", {{"path", std::string("\x1b[2J\r\n{\"level\":\"error\"}\xff")}});
  });
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(line)["level"], "info");
}

TEST(Log, ATextLineNamesItsFields) {
  const std::string line = logged(log::Level::info, log::Format::text,
                                  [] { log::error("circuit opened", {{"backend", "eastus"}, {"open_ms", 10000}}); });
  EXPECT_TRUE(line.ends_with("Z error  circuit opened  backend=\"eastus\"  open_ms=10000\n")) << line;
}

TEST(Log, LinesBelowTheLevelAreNotWritten) {
  const std::string lines = logged(log::Level::warn, log::Format::text, [] {
    EXPECT_FALSE(log::enabled(log::Level::debug));
    EXPECT_FALSE(log::enabled(log::Level::info));
    EXPECT_TRUE(log::enabled(log::Level::warn));
    log::debug("one");
    log::info("two");
    log::warn("three");
  });
  EXPECT_EQ(lines.find("one"), std::string::npos);
  EXPECT_EQ(lines.find("two"), std::string::npos);
  EXPECT_NE(lines.find("three"), std::string::npos);
}

TEST(Log, OffWritesNothing) {
  EXPECT_EQ(logged(log::Level::off, log::Format::json, [] { log::error("one"); }), "");
}

TEST(Log, AFinishedLineIsPassedOnAsItIs) {
  EXPECT_EQ(logged(log::Level::info, log::Format::json, [] { log::raw("{\"status\":200}%{v}"); }),
            "{\"status\":200}%{v}\n");
}

TEST(Log, LevelAndFormatCanChangeWhileRunning) {
  const std::string lines = logged(log::Level::error, log::Format::json, [] {
    log::info("one");
    log::configure(log::Level::info, log::Format::text);
    log::info("two");
  });
  EXPECT_TRUE(lines.ends_with("Z info  two\n")) << lines;
  EXPECT_EQ(lines.find("one"), std::string::npos);
}

TEST(Log, LinesKeepTheirOrder) {
  const std::string lines = logged(log::Level::info, log::Format::json, [] {
    for (int i = 0; i < 1000; ++i) log::raw(std::to_string(i));
  });
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(lines, expected);
}

// Standard output is a pipe that nobody reads while the lines are written.
TEST(Log, S14AFloodNeverWaitsForWhoeverReads) {
  constexpr int lines = 100'000;
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  std::fflush(stdout);
  const int standard_output = ::dup(STDOUT_FILENO);
  ::dup2(pipe_ends[1], STDOUT_FILENO);
  log::configure(log::Level::info, log::Format::json);
  const std::uint64_t dropped_before = log::dropped();
  for (int i = 0; i < lines; ++i) log::write(log::Level::warn, "a line of the flood", {{"number", i}});
  const std::uint64_t dropped = log::dropped() - dropped_before;

  std::string read;
  std::string piece(1 << 16, ' ');
  std::thread reader([&] {
    for (ssize_t n = 0; (n = ::read(pipe_ends[0], piece.data(), piece.size())) > 0;)
      read.append(piece, 0, static_cast<std::size_t>(n));
  });
  log::flush();
  std::fflush(stdout);
  ::dup2(standard_output, STDOUT_FILENO);
  ::close(standard_output);
  ::close(pipe_ends[1]);
  reader.join();
  ::close(pipe_ends[0]);

  const auto written = static_cast<std::uint64_t>(std::count(read.begin(), read.end(), '\n'));
  EXPECT_GT(dropped, 0U);
  EXPECT_GT(written, 0U);
  EXPECT_EQ(written + dropped, std::uint64_t(lines)) << "every line is written or counted as dropped";
}

}  // namespace
}  // namespace spillway
