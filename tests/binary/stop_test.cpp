#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
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

TEST(Stop, Q10ASecondSignalEndsTheDelayToo) {
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

TEST(Stop, Q10AReloadWhileStoppingChangesNothing) {
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

TEST(Stop, Q10TwentyReloadsBySignalLoseNoRequest) {
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

TEST(Stop, Q10SignalsThatMeanNothingAreSurvived) {
  const FakeBackend backend;
  Daemon daemon(program, yaml(backend));
  for (const int signal : {SIGPIPE, SIGUSR1, SIGUSR2}) {
    daemon.send(signal);
    EXPECT_EQ(daemon.client().call(chat_request()).status(), 200) << signal;
  }
  EXPECT_TRUE(eventually([&] { return daemon.lines_with("a signal that means nothing to Spillway") == 2; }));
  EXPECT_EQ(daemon.stop(), 0);
}

// It waits for a secret, and who would give it does not answer.
TEST(Stop, Q10ATermBeforeItHasStartedEndsItAtOnce) {
  for (const int signal : {SIGTERM, SIGINT}) {
    FakeBackend platform;
    platform.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
    const TemporaryFolder folder;
    const std::string file =
        folder.write("spillway.yaml",
                     "listeners: [{address: \"127.0.0.1:0\"}]\n"
                     "key_vault: {suffix: 127.0.0.1, auth: {managed_identity: {}}}\n"
                     "clients: [{name: app, keys: [\"${keyvault:http://127.0.0.1:1/secrets/key}\"]}]\n" +
                         backends_yaml({platform.url()}) + pool_yaml("a"));
    ::setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", platform.url().c_str(), 1);
    Child daemon({program, "serve", "--config", file}, folder.path() + "/output");
    ::unsetenv("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    ASSERT_TRUE(platform.wait_for_requests(1)) << daemon.output();
    daemon.send(signal);
    EXPECT_EQ(daemon.wait(), 0) << daemon.output();
  }
}

}  // namespace
}  // namespace spillway::test
