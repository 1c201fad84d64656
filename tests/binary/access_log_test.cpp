#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"
#include "fake_collector.hpp"

// One line for each request, however it ended.
namespace spillway::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char program[] = SPILLWAY_PROGRAM;
constexpr char with_access[] = "level: info, format: json, access: true";

std::string two(const FakeBackend& a, const FakeBackend& b, const std::string& more = "") {
  return clients_yaml() + backends_yaml({a.url(), b.url()}) +
         pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}", no_circuits) + more;
}

// The line of the daemon's only request; waits for it.
json only_line(const Daemon& daemon) {
  EXPECT_TRUE(eventually([&] { return daemon.lines_with("\"attempts\"") != 0; }));
  std::istringstream lines(daemon.output());
  for (std::string line; std::getline(lines, line);)
    if (line.find("\"attempts\"") != std::string::npos) return json::parse(line);
  return {};
}

TEST(AccessLogLine, HasItsFieldsInOneOrder) {
  const FakeBackend a, b;
  const Daemon daemon(program, two(a, b), 0, with_access);
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200);
  only_line(daemon);
  std::istringstream lines(daemon.output());
  for (std::string line; std::getline(lines, line);) {
    const auto object = nlohmann::ordered_json::parse(line);
    if (!object.contains("attempts")) continue;
    std::vector<std::string> names;
    for (const auto& [name, value] : object.items()) names.push_back(name);
    EXPECT_THAT(names, ElementsAre("time", "request_id", "client", "method", "path", "route", "pool", "model", "stream",
                                   "attempts", "status", "region", "ttfb_ms", "duration_ms", "overhead_us", "bytes_in",
                                   "bytes_out", "upstream_request_id", "aborted_by"));
    EXPECT_EQ(object["time"].get<std::string>().size(), 24U);
    EXPECT_GT(object["duration_ms"].get<double>(), 0);
    EXPECT_GT(object["ttfb_ms"].get<double>(), 0);
    EXPECT_GE(object["overhead_us"].get<double>(), 0);
  }
}

TEST(AccessLogLine, NamesTheTraceThatTheCollectorHas) {
  const FakeBackend a, b;
  const FakeCollector collector;
  const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const Daemon daemon(program, two(a, b, collector.yaml()), 0, with_access);
  const std::string traceparent = "00-" + trace_id + "-00f067aa0ba902b7-01";
  EXPECT_EQ(daemon.client().call(chat_request("gpt-4o", {{"traceparent", traceparent}})).status(), 200);
  const json line = only_line(daemon);
  EXPECT_EQ(line["trace_id"], trace_id);
  const std::vector<json> spans = collector.wait_for_spans(2);
  ASSERT_EQ(spans.size(), 2U);
  for (const json& span : spans) EXPECT_EQ(span["traceId"], trace_id);
  EXPECT_EQ(attributes_of(spans[0])["spillway.request_id"], line["request_id"]);
  EXPECT_EQ(a.last_request().header("traceparent")->substr(0, 36), "00-" + trace_id + "-");
  const Message exported = collector.last_request();
  EXPECT_EQ(exported.start_line, "POST /v1/traces HTTP/1.1");
  EXPECT_EQ(exported.header("content-type"), "application/json");
}

TEST(AccessLogLine, ListsEveryAttemptWithItsStatusOrError) {
  FakeBackend a, b;
  a.refuse_connections();
  b.then_reply(503);
  const Daemon daemon(program, two(a, b), 0, with_access);
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 503);
  const json line = only_line(daemon);
  ASSERT_EQ(line["attempts"].size(), 2U);
  EXPECT_EQ(line["attempts"][0]["backend"], "a");
  EXPECT_EQ(line["attempts"][0]["deployment"], "gpt-4o");
  EXPECT_EQ(line["attempts"][0]["error"], "connect");
  EXPECT_FALSE(line["attempts"][0].contains("status"));
  EXPECT_EQ(line["attempts"][1]["backend"], "b");
  EXPECT_EQ(line["attempts"][1]["status"], 503);
  EXPECT_TRUE(line["attempts"][1]["ms"].is_number());
  EXPECT_EQ(line["status"], 503);
  EXPECT_EQ(line["pool"], "openai");
  EXPECT_EQ(line["upstream_request_id"], nullptr) << "the answer was the gateway's own";
}

TEST(AccessLogLine, TellsAStreamThatTheClientLeft) {
  FakeBackend a, b;
  a.then([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream; charset=utf-8"}});
    turn.chunk("data: 1\n\n");
    turn.wait_for_close();
  });
  const Daemon daemon(program, two(a, b), 0, with_access);
  RawClient client = daemon.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("data: 1"));
  EXPECT_EQ(daemon.lines_with("\"attempts\""), 0U) << "written when it ends";
  client.socket().close();
  const json line = only_line(daemon);
  EXPECT_EQ(line["stream"], true);
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["aborted_by"], "client");
  EXPECT_EQ(line["bytes_out"], 9);
}

TEST(AccessLogLine, TellsAnAnswerThatTheBackendBroke) {
  FakeBackend a, b;
  a.then([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    turn.close();
  });
  const Daemon daemon(program, two(a, b), 0, with_access);
  EXPECT_FALSE(daemon.client().call(chat_request()).complete);
  const json line = only_line(daemon);
  EXPECT_EQ(line["aborted_by"], "upstream");
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["bytes_out"], 4);
}

TEST(AccessLogLine, TellsARequestWhoseClientLeftBeforeTheAnswer) {
  FakeBackend a, b;
  a.then([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const Daemon daemon(program, two(a, b), 0, with_access);
  RawClient client = daemon.client();
  client.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  client.socket().close();
  const json line = only_line(daemon);
  EXPECT_EQ(line["aborted_by"], "client");
  EXPECT_EQ(line["status"], 499);
  EXPECT_EQ(line["attempts"][0]["error"], "cancelled");
  EXPECT_EQ(line["bytes_out"], 0);
}

TEST(AccessLogLine, T15HoldsWhatAClientWroteAsDataOnly) {
  const FakeBackend a, b;
  const Daemon daemon(program, two(a, b), 0, with_access);
  EXPECT_EQ(daemon.client()
                .call(request("POST", "/openai/v1/responses?prompt=query-value", {{"api-key", "test-key"}},
                              "{\"model\":\"x\\n\\\"},{\\u001b[31m\"}"))
                .status(),
            200);
  const json line = only_line(daemon);
  EXPECT_EQ(line["model"], "x\n\"},{\x1b[31m");
  EXPECT_EQ(line["path"], "/openai/v1/responses");
  EXPECT_THAT(daemon.output(), Not(HasSubstr("query-value")));
  EXPECT_THAT(daemon.output(), Not(HasSubstr("\x1b")));
}

// One object a line; no byte that a terminal could take for an order.
void expect_clean(const std::string& output) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(json::accept(line)) << line;
    for (const char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) << line;
    EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos) << line;
  }
}

TEST(AccessLogLine, T15NothingOfARequestOrAnAnswerMakesALineOrAnOrderOfItsOwn) {
  FakeBackend a, b;
  const std::string hostile =
      "x\"},{\"status\":200,\"\\\t\xc2\x9b"
      "31m\xff\xe2\x80\xa8";
  a.always_reply(200, {{"x-request-id", hostile}, {"apim-request-id", hostile}, {"x-ms-region", hostile}});
  Daemon daemon(program, two(a, b), 0, "level: debug, format: json, access: true");
  const Headers headers = {{"api-key", "test-key"},  {"User-Agent", hostile},      {"x-request-id", hostile},
                           {"traceparent", hostile}, {"X-Forwarded-For", hostile}, {"x-ms-client-request-id", hostile},
                           {"Content-Type", hostile}};
  const std::string escapes = "/openai/%22%7D,%7B%22a%22:%22%C2%9B31m%E2%80%A8/x?%0d%0aapi%0akey=%1b[31m";
  const std::string model = "{\"model\":\"x\\n\\r\\\"},{\\u001b[31m\\u009b" + hostile.substr(0, 1) + "\xc2\x9b\xff\"}";
  EXPECT_EQ(daemon.client().call(request("POST", escapes, headers, model)).status(), 200);
  EXPECT_EQ(daemon.client().call(request("POST", "/openai/v1/responses", headers, model)).status(), 200);
  for (const char* refused :
       {"/openai/\x1b[31m", "/openai/%0d%0aINJECTED", "/openai/\"x\"", "/openai/%1b[31m", "/\xff"})
    EXPECT_EQ(daemon.client().call(request("GET", refused, {{"api-key", hostile}})).status(), 400) << refused;
  EXPECT_EQ(daemon.client().call(request("G\"T", "/openai", {})).status(), 400);
  EXPECT_EQ(daemon.client().call(request("GET", "/openai/x", {{"api-key", hostile}})).status(), 401);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(daemon.lines_with("\"attempts\""), 9U) << "one line a request";
  EXPECT_EQ(daemon.lines_with("INJECTED"), 0U);
  expect_clean(daemon.output());
}

TEST(OperationLog, T15TheNameOfADeploymentMakesNoLineOfItsOwn) {
  FakeBackend a, b;
  a.always_reply(429);
  b.always_reply(429);
  Daemon daemon(program, clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab"), 0,
                "level: debug, format: json, access: false");
  const std::string model = "{\"model\":\"x\\n{\\\"level\\\":\\\"error\\\"}\\u001b[31m\\u009b31m\"}";
  for (int i = 0; i < 5; ++i)
    daemon.client().call(request("POST", "/openai/v1/responses", {{"api-key", "test-key"}}, model));
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_GE(daemon.lines_with("circuit opened"), 1U);
  EXPECT_EQ(daemon.lines_with("\"level\":\"error\""), 0U);
  expect_clean(daemon.output());
}

TEST(AccessLogLine, IsNotWrittenWhenSwitchedOff) {
  const FakeBackend a, b;
  Daemon daemon(program, two(a, b));
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200);
  EXPECT_EQ(daemon.client().call(request("GET", "/", {})).status(), 401);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(daemon.lines_with("attempts"), 0U);
}

TEST(AccessLogLine, InTextIsOneLineForPeople) {
  const FakeBackend a, b;
  Daemon daemon(program, two(a, b), 0, "level: info, format: text, access: true");
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 200);
  EXPECT_EQ(daemon.client().call(request("GET", "/openai/v1/models?secret=1", {})).status(), 401);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_THAT(daemon.output(),
              testing::ContainsRegex("Z 200 +[0-9.]+ms +[0-9.]+ms  POST /openai/deployments/gpt-4o/chat/completions  "
                                     "app  gpt-4o  a 200\n"));
  EXPECT_THAT(daemon.output(), testing::ContainsRegex("Z 401 +[0-9.]+ms +-  GET /openai/v1/models  -  -  -  id="));
  EXPECT_THAT(daemon.output(), Not(HasSubstr("\x1b"))) << "no terminal, no colours";
  EXPECT_THAT(daemon.output(), Not(HasSubstr("secret")));
}

TEST(AccessLogLine, IsWrittenForSomeOfTheRequestsThatWentWellAndForAllOthers) {
  FakeBackend a, b;
  constexpr char sampled[] = "level: info, format: json, access: true, access_one_in: 4";
  Daemon daemon(program, two(a, b), 0, sampled);
  RawClient client = daemon.client();
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.call(chat_request()).status(), 200);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(daemon.client().call(request("GET", "/", {})).status(), 401);
  EXPECT_EQ(daemon.stop(), 0);
  // A line is written for 50 of 200 at random: fewer than 10 or more than 120 will not be seen.
  EXPECT_GE(daemon.lines_with("\"stands_for\":4}"), 10U);
  EXPECT_LE(daemon.lines_with("\"stands_for\":4}"), 120U);
  EXPECT_EQ(daemon.lines_with("\"status\":200,\"region\""), daemon.lines_with("\"stands_for\":4}"));
  EXPECT_EQ(daemon.lines_with("\"status\":401"), 20U);
}

TEST(OperationLog, S14TellsCircuitsAndFailedAttemptsOnceASecond) {
  FakeBackend a, b;
  a.refuse_connections();
  Daemon daemon(program, clients_yaml() + backends_yaml({a.url(), b.url()}) +
                             pool_yaml("{backend: a, priority: 1}, "
                                       "{backend: b, priority: 2}"));
  RawClient client = daemon.client();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.call(chat_request()).status(), 200);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(daemon.lines_with("circuit opened"), 1U);
  EXPECT_GE(daemon.lines_with("an attempt failed"), 1U);
  EXPECT_LE(daemon.lines_with("an attempt failed"), 3U);
}

TEST(OperationLog, U27WarnsOfARefusedCredentialAndOfAWaitThatWasCut) {
  FakeBackend a, b;
  a.then_reply(401).then_reply(429, {{"Retry-After", "86400"}});
  Daemon daemon(program, clients_yaml() + backends_yaml({a.url(), b.url()}) +
                             pool_yaml("{backend: a, priority: 1}, "
                                       "{backend: b, priority: 2}"));
  RawClient client = daemon.client();
  EXPECT_EQ(client.call(chat_request()).status(), 401);
  EXPECT_EQ(client.call(chat_request()).status(), 200);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(daemon.lines_with("a backend refuses the gateway's credential"), 1U);
  EXPECT_EQ(daemon.lines_with("\"asked_ms\":86400000"), 1U);
}

}  // namespace
}  // namespace spillway::test
