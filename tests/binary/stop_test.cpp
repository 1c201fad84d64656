#include <gtest/gtest.h>

#include <csignal>
#include <vector>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"
#include "program.hpp"

// Stopping, and what else may come meanwhile.
namespace spillway::test {
namespace {

constexpr char program[] = SPILLWAY_PROGRAM;

std::string yaml(const FakeBackend& backend, const std::string& more = "") {
  return clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a") + more;
}

bool is_stopping(const Daemon& daemon) {
  return eventually([&] { return daemon.lines_with("\"stopping\"") == 1; });
}

TEST(Stop, ASecondSignalEndsTheDelayToo) {
  const FakeBackend backend;
  Daemon daemon(program, yaml(backend, "drain_delay: 1h\n"));
  daemon.send(SIGTERM);
  ASSERT_TRUE(is_stopping(daemon));
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200) << "it still serves";
  EXPECT_EQ(run_program({program, "health", "--config", daemon.config_file()}).code, 1);
  daemon.send(SIGINT);
  EXPECT_EQ(daemon.wait(), 1);
}

TEST(Stop, TheTimeForDrainingIsALimit) {
  FakeBackend backend;
  backend.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  Daemon daemon(program, yaml(backend, "drain_timeout: 200ms\n"));
  RawClient client = daemon.client();
  client.send(chat_request());
  ASSERT_TRUE(backend.wait_for_requests(1));
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(client.receive().status(), 0);
  EXPECT_TRUE(backend.wait_for_closed(1));
}

TEST(Stop, AReloadWhileStoppingChangesNothing) {
  FakeBackend backend;
  backend.always([](FakeBackend::Turn& turn) {
    turn.wait_for_release();
    turn.reply(200);
  });
  Daemon daemon(program, yaml(backend));
  RawClient client = daemon.client();
  client.send(chat_request());
  ASSERT_TRUE(backend.wait_for_requests(1));
  daemon.send(SIGTERM);
  ASSERT_TRUE(is_stopping(daemon));
  daemon.send(SIGHUP);
  backend.release();
  EXPECT_EQ(client.receive().status(), 200);
  client.socket().close();
  EXPECT_EQ(daemon.wait(), 0);
  EXPECT_EQ(daemon.lines_with("configuration reloaded"), 0U);
}

TEST(Stop, TwentyReloadsBySignalLoseNoRequest) {
  FakeBackend backend;
  Daemon daemon(program, yaml(backend));
  RawClient client = daemon.client();
  for (std::size_t i = 1; i <= 20; ++i) {
    daemon.send(SIGHUP);
    do {
      ASSERT_EQ(client.call(chat_request()).status(), 200);
    } while (daemon.lines_with("configuration reloaded") < i);
  }
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Stop, SignalsThatMeanNothingAreSurvived) {
  const FakeBackend backend;
  Daemon daemon(program, yaml(backend));
  daemon.send(SIGPIPE);
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200);
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace spillway::test
