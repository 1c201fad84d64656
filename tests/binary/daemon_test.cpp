#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"
#include "program.hpp"

// The built daemon as its operator meets it: signals, the log and what is never in it.
namespace spillway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char program[] = SPILLWAY_PROGRAM;
constexpr char with_access[] = "level: info, format: json, access: true";

std::string yaml(const FakeBackend& backend, const std::string& more = "") {
  return clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a") + more;
}

// The access log's objects.
std::vector<nlohmann::json> access_lines(const Daemon& daemon) {
  std::vector<nlohmann::json> all;
  std::istringstream lines(daemon.output());
  for (std::string line; std::getline(lines, line);) {
    nlohmann::json object = nlohmann::json::parse(line);
    if (object.contains("attempts")) all.push_back(std::move(object));
  }
  return all;
}

TEST(Serve, LeavesNoCoreDumpWithItsSecrets) {
  const FakeBackend backend;
  const Daemon daemon(program, yaml(backend));
  std::ifstream limits("/proc/" + std::to_string(daemon.pid()) + "/limits");
  std::string line;
  while (std::getline(limits, line) && !line.starts_with("Max core file size")) {
  }
  EXPECT_THAT(line, testing::ContainsRegex("Max core file size +0 +0 +bytes"));
}

TEST(Serve, APortInUseIsSaidClearly) {
  const FakeBackend backend;
  const TemporaryFolder folder;
  const std::string file =
      folder.write("spillway.yaml",
                   "listeners: [{address: \"127.0.0.1:" + std::to_string(backend.port()) + "\"}]\n" + yaml(backend));
  const Finished done = run_program({program, "serve", "--config", file});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.out + done.err, HasSubstr("cannot listen"));
  EXPECT_THAT(done.out + done.err, HasSubstr("in use"));
}

TEST(Serve, ABadConfigurationIsRefusedWithAllItsProblems) {
  const TemporaryFolder folder;
  const std::string file = folder.write("spillway.yaml", "listeners: []\nworkers: many\n");
  const Finished done = run_program({program, "serve", "--config", file});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.out + done.err, HasSubstr(file + ":2:10: workers: "));
  EXPECT_THAT(done.out + done.err, HasSubstr("listeners"));
}

TEST(Signals, Q10SigtermLetsAStreamEndAndExitsWith0) {
  FakeBackend backend;
  backend.then([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: 1\n\n");
    turn.wait_for_release();
    turn.chunk("data: [DONE]\n\n");
    turn.end_stream();
  });
  Daemon daemon(program, yaml(backend));
  RawClient client = daemon.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("data: 1"));
  daemon.send(SIGTERM);
  ASSERT_TRUE(eventually([&] { return daemon.lines_with("\"stopping\"") == 1; }));
  backend.release();
  const Message answer = client.receive();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, "data: 1\n\ndata: [DONE]\n\n");
  EXPECT_EQ(daemon.wait(), 0);
}

TEST(Signals, Q10ASecondSigtermExitsAtOnce) {
  FakeBackend backend;
  backend.then([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  Daemon daemon(program, yaml(backend));
  RawClient client = daemon.client();
  client.send(chat_request());
  ASSERT_TRUE(backend.wait_for_requests(1));
  daemon.send(SIGTERM);
  ASSERT_TRUE(eventually([&] { return daemon.lines_with("\"stopping\"") == 1; }));
  daemon.send(SIGTERM);
  EXPECT_NE(daemon.wait(), -1) << "it left by itself, long before drain_timeout";
  EXPECT_EQ(client.receive().status(), 0);
}

TEST(Signals, Q10SigintStopsToo) {
  const FakeBackend backend;
  Daemon daemon(program, yaml(backend));
  daemon.send(SIGINT);
  EXPECT_EQ(daemon.wait(), 0);
}

TEST(Signals, Q10SighupReadsTheFileAgain) {
  const FakeBackend backend;
  Daemon daemon(program, yaml(backend));
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200);
  daemon.write_config("clients: [{name: app, keys: [another-key]}]\n" + backends_yaml({backend.url()}) +
                      pool_yaml("a"));
  daemon.send(SIGHUP);
  ASSERT_TRUE(eventually([&] { return daemon.lines_with("configuration reloaded") == 1; }));
  EXPECT_TRUE(is_gateway_error(daemon.client().call(chat_request()), 401, "invalid_api_key"));

  daemon.write_config("clients: 5\n");
  daemon.send(SIGHUP);
  ASSERT_TRUE(eventually([&] { return daemon.lines_with("spillway.yaml:5:10: clients: ") == 1; })) << daemon.output();
  EXPECT_GE(daemon.lines_with("reload refused"), 2U) << "every problem";
  EXPECT_TRUE(is_gateway_error(daemon.client().call(chat_request()), 401, "invalid_api_key"))
      << "the old one still serves";
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(AccessLog, HasOneCompleteObjectForEachRequestRefusedOnesIncluded) {
  FakeBackend backend;
  backend.then_reply(200, {{"apim-request-id", "azure-1"}, {"x-ms-region", "East US"}}, "{\"ok\":true}");
  Daemon daemon(program, yaml(backend), 0, with_access);
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200);
  EXPECT_EQ(daemon.client().call(request("GET", "/openai/models", {})).status(), 401);
  EXPECT_EQ(daemon.client().call("BROKEN\r\n\r\n").status(), 400);
  EXPECT_EQ(daemon.stop(), 0);

  const std::vector<nlohmann::json> lines = access_lines(daemon);
  ASSERT_EQ(lines.size(), 3U);
  for (const nlohmann::json& line : lines)
    for (const char* field : {"time", "request_id", "client", "method", "path", "route", "pool", "model", "stream",
                              "attempts", "status", "region", "ttfb_ms", "duration_ms", "overhead_us", "bytes_in",
                              "bytes_out", "upstream_request_id", "aborted_by"})
      EXPECT_TRUE(line.contains(field)) << field;
  const nlohmann::json& served = lines[0];
  EXPECT_EQ(served["client"], "app");
  EXPECT_EQ(served["path"], "/openai/deployments/gpt-4o/chat/completions");
  EXPECT_EQ(served["model"], "gpt-4o");
  EXPECT_EQ(served["status"], 200);
  EXPECT_EQ(served["region"], "East US");
  EXPECT_EQ(served["upstream_request_id"], "azure-1");
  EXPECT_EQ(served["bytes_out"], 11);
  EXPECT_EQ(served["aborted_by"], "none");
  ASSERT_EQ(served["attempts"].size(), 1U);
  EXPECT_EQ(served["attempts"][0]["backend"], "a");
  EXPECT_EQ(served["attempts"][0]["status"], 200);
  EXPECT_EQ(lines[1]["status"], 401);
  EXPECT_TRUE(lines[1]["attempts"].empty());
  EXPECT_EQ(lines[2]["status"], 400);
  EXPECT_TRUE(lines[2]["attempts"].empty());
}

TEST(Secrets, AreInNoLogNoStatusAndNoMetric) {
  constexpr char client_key[] = "client-key-marker-6d1f0a";
  constexpr char backend_key[] = "backend-key-marker-93ab7c";
  constexpr char prompt[] = "prompt-marker-41e2";
  FakeBackend backend;
  Daemon daemon(program,
                std::string("clients: [{name: app, keys: [") + client_key + "]}]\nbackends: [{name: a, url: \"" +
                    backend.url() + "\", auth: {api_key: " + backend_key + "}}]\n" + pool_yaml("a"),
                0, "level: debug, format: json, access: true");
  const std::string target = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&api-key=";
  const std::string body = std::string("{\"messages\":[{\"role\":\"user\",\"content\":\"") + prompt + "\"}]}";
  EXPECT_EQ(daemon.client().call(request("POST", target + client_key, {}, body)).status(), 200);
  EXPECT_EQ(
      daemon.client().call(request("POST", target + client_key, {{"api-key", "wrong-key-marker-77"}}, body)).status(),
      401);
  backend.always_reply(401, {}, "{}");
  EXPECT_EQ(daemon.client()
                .call(request("POST", target, {{"Authorization", std::string("Bearer ") + client_key}}, body))
                .status(),
            401);
  std::string said;
  for (const char* path : {"/status", "/metrics", "/readyz"})
    said += RawClient(daemon.admin_port()).call(request("GET", path, {{"Connection", "close"}})).body;
  EXPECT_EQ(daemon.stop(), 0);
  said += daemon.output();
  for (const char* marker : {client_key, backend_key, prompt, "wrong-key-marker-77"})
    EXPECT_THAT(said, Not(HasSubstr(marker)));
}

}  // namespace
}  // namespace spillway::test
