#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "fake_collector.hpp"
#include "test_gateway.hpp"
#include "websocket.hpp"

// What a collector and the backends see of the traces of requests.
namespace spillway::test {
namespace {

using nlohmann::json;

constexpr char trace_id[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char parent_id[] = "00f067aa0ba902b7";

std::string traceparent(const std::string& flags) {
  return std::string("00-") + trace_id + "-" + parent_id + "-" + flags;
}

std::string one(const FakeBackend& a, const std::string& more) {
  return clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a") + more;
}

std::string sent_by(const json& span, const std::string& flags) {
  return "00-" + span["traceId"].get<std::string>() + "-" + span["spanId"].get<std::string>() + "-" + flags;
}

TEST(Tracing, BeginsATraceThatTheBackendContinues) {
  FakeBackend a;
  const FakeCollector collector;
  const TestGateway gateway(one(a, collector.yaml()));
  EXPECT_EQ(gateway.chat().status(), 200);
  const std::vector<json> spans = collector.wait_for_spans(2);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0]["kind"], 2);
  EXPECT_FALSE(spans[0].contains("parentSpanId"));
  EXPECT_EQ(spans[1]["kind"], 3);
  EXPECT_EQ(spans[1]["name"], "chat gpt-4o");
  EXPECT_EQ(spans[1]["traceId"], spans[0]["traceId"]);
  EXPECT_EQ(spans[1]["parentSpanId"], spans[0]["spanId"]);
  EXPECT_EQ(a.last_request().header("traceparent"), sent_by(spans[1], "01"));
  EXPECT_EQ(a.last_request().count("traceparent"), 1U);
  const json server = attributes_of(spans[0]);
  EXPECT_EQ(server["spillway.client"], "app");
  EXPECT_EQ(server["spillway.pool"], "openai");
  EXPECT_EQ(server["http.response.status_code"], "200");
  const json client = attributes_of(spans[1]);
  EXPECT_EQ(client["server.address"], "127.0.0.1");
  EXPECT_EQ(client["server.port"], std::to_string(a.port()));
  EXPECT_EQ(client["spillway.backend"], "a");
  EXPECT_EQ(client["spillway.circuit_state"], "closed");
  EXPECT_EQ(collector.last_request().start_line, "POST /v1/traces HTTP/1.1");
  EXPECT_EQ(collector.last_request().header("content-type"), "application/json");
}

TEST(Tracing, ContinuesTheTraceOfTheClient) {
  FakeBackend a;
  const FakeCollector collector;
  const TestGateway gateway(one(a, collector.yaml(", sample: 0")));
  gateway.call(chat_request("gpt-4o", {{"TraceParent", traceparent("01")}, {"tracestate", "v=1"}}));
  const std::vector<json> spans = collector.wait_for_spans(2);
  ASSERT_EQ(spans.size(), 2U) << "the client's decision, not the gateway's share";
  EXPECT_EQ(spans[0]["traceId"], trace_id);
  EXPECT_EQ(spans[0]["parentSpanId"], parent_id);
  EXPECT_EQ(spans[0]["traceState"], "v=1");
  EXPECT_EQ(a.last_request().header("traceparent"), sent_by(spans[1], "01"));
  EXPECT_EQ(a.last_request().count("traceparent"), 1U);
  EXPECT_EQ(a.last_request().header("tracestate"), "v=1");
}

TEST(Tracing, LeavesATraceUnrecordedThatTheClientDoesNotRecord) {
  FakeBackend a;
  const FakeCollector collector;
  const TestGateway gateway(one(a, collector.yaml()));
  gateway.call(chat_request("gpt-4o", {{"traceparent", traceparent("00")}}));
  const std::string passed = a.last_request().header("traceparent").value_or("");
  EXPECT_EQ(passed.substr(0, 36), std::string("00-") + trace_id + "-");
  EXPECT_NE(passed.substr(36, 16), parent_id);
  EXPECT_EQ(passed.substr(52), "-00");
  gateway.chat();
  for (const json& span : collector.wait_for_spans(2)) EXPECT_NE(span["traceId"], trace_id);
}

TEST(Tracing, ReplacesATraceparentThatIsNone) {
  FakeBackend a;
  const FakeCollector collector;
  const TestGateway gateway(one(a, collector.yaml()));
  const std::vector<Headers> wrong = {
      {{"traceparent", "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01"}, {"tracestate", "v=1"}},
      {{"traceparent", traceparent("01")}, {"traceparent", traceparent("01")}, {"tracestate", "v=1"}}};
  for (const Headers& headers : wrong) {
    EXPECT_EQ(gateway.call(chat_request("gpt-4o", headers)).status(), 200);
    EXPECT_EQ(a.last_request().count("traceparent"), 1U);
    EXPECT_EQ(a.last_request().header("traceparent")->find(trace_id), std::string::npos);
    EXPECT_EQ(a.last_request().count("tracestate"), 0U);
  }
}

TEST(Tracing, HasASpanForEachAttempt) {
  FakeBackend a, b;
  const FakeCollector collector;
  a.always_reply(429);
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}") + collector.yaml());
  EXPECT_EQ(gateway.chat().status(), 200);
  const std::vector<json> spans = collector.wait_for_spans(3);
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(attributes_of(spans[1])["http.request.resend_count"], "0");
  EXPECT_EQ(attributes_of(spans[1])["error.type"], "429");
  EXPECT_EQ(attributes_of(spans[1])["spillway.region"], "Region A");
  EXPECT_EQ(attributes_of(spans[2])["http.request.resend_count"], "1");
  EXPECT_EQ(attributes_of(spans[2])["http.response.status_code"], "200");
  for (const std::size_t attempt : {1U, 2U}) EXPECT_EQ(spans[attempt]["parentSpanId"], spans[0]["spanId"]);
  EXPECT_EQ(a.last_request().header("traceparent"), sent_by(spans[1], "01"));
  EXPECT_EQ(b.last_request().header("traceparent"), sent_by(spans[2], "01"));
}

TEST(Tracing, SpansAStreamToItsEnd) {
  FakeBackend a;
  const FakeCollector collector;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: 1\n\n");
    if (turn.wait_for_release()) turn.end_stream();
  });
  const TestGateway gateway(one(a, collector.yaml()));
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("data: 1"));
  EXPECT_EQ(collector.request_count(), 0U);
  a.release();
  EXPECT_TRUE(client.receive().complete);
  const std::vector<json> spans = collector.wait_for_spans(2);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(attributes_of(spans[0])["spillway.stream"], true);
}

TEST(Tracing, SpansAWebSocketToItsEnd) {
  FakeBackend a, b;
  const FakeCollector collector;
  a.then_reply(429);
  b.always(echo_websocket());
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}") + collector.yaml());
  WebSocketClient client(gateway, handshake("/openai/realtime?api-version=2025-04-01-preview&deployment=gpt-4o",
                                            {{"traceparent", traceparent("01")}}));
  ASSERT_TRUE(client.switched());
  EXPECT_EQ(client.call("one message"), "one message");
  EXPECT_EQ(collector.request_count(), 0U) << "it is not over";
  client.end().close(1000);
  const std::vector<json> spans = collector.wait_for_spans(3);
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[0]["traceId"], trace_id);
  EXPECT_EQ(spans[0]["parentSpanId"], parent_id);
  const json server = attributes_of(spans[0]);
  EXPECT_EQ(server["http.request.method"], "GET");
  EXPECT_EQ(server["url.path"], "/openai/realtime");
  EXPECT_EQ(server["http.response.status_code"], "101");
  EXPECT_EQ(server["spillway.attempts"], "2");
  EXPECT_FALSE(server.contains("error.type"));
  EXPECT_FALSE(server.contains("spillway.aborted_by"));
  EXPECT_EQ(attributes_of(spans[1])["error.type"], "429");
  const json tunnel = attributes_of(spans[2]);
  EXPECT_EQ(spans[2]["name"], "GET");
  EXPECT_EQ(tunnel["spillway.backend"], "b");
  EXPECT_EQ(tunnel["spillway.deployment"], "gpt-4o");
  EXPECT_EQ(tunnel["http.response.status_code"], "101");
  EXPECT_FALSE(tunnel.contains("error.type"));
  EXPECT_FALSE(tunnel.contains("gen_ai.operation.name"));
  EXPECT_EQ(b.last_request().header("traceparent"), sent_by(spans[2], "01"));
  EXPECT_EQ(collector.last_request().body.find("one message"), std::string::npos);
}

TEST(Tracing, TellsWhoBrokeAWebSocketOff) {
  FakeBackend a;
  const FakeCollector collector;
  a.always(accept_websocket([](WebSocketEnd& end, FakeBackend::Turn& turn) {
    end.receive();
    turn.socket().reset();
  }));
  const TestGateway gateway(one(a, collector.yaml()));
  WebSocketClient client(gateway);
  ASSERT_TRUE(client.switched());
  client.end().send(Opcode::text, "break");
  const std::vector<json> spans = collector.wait_for_spans(2);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(attributes_of(spans[0])["spillway.aborted_by"], "upstream");
  EXPECT_EQ(attributes_of(spans[0])["error.type"], "upstream_aborted");
  EXPECT_EQ(attributes_of(spans[1])["error.type"], "reset");
}

TEST(Tracing, TellsOfAClientThatWentAway) {
  FakeBackend a;
  const FakeCollector collector;
  a.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(one(a, collector.yaml()));
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  client.socket().reset();
  const std::vector<json> spans = collector.wait_for_spans(2);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(attributes_of(spans[0])["error.type"], "client_aborted");
  EXPECT_EQ(attributes_of(spans[1])["error.type"], "cancelled");
}

TEST(Tracing, ShowsNoSecretNoPromptNoAnswerAndNoQuery) {
  FakeBackend a;
  const FakeCollector collector;
  a.always_reply(200, {}, "{\"text\":\"the-answer-text\"}");
  const TestGateway gateway(one(a, collector.yaml(", headers: {Authorization: \"Bearer collector-token\"}")));
  const std::string target = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&x=the-query-value";
  const Headers headers = {{"api-key", "test-key"}, {"Content-Type", "application/json"}, {"x-more", "the-field"}};
  EXPECT_EQ(
      gateway.call(request("POST", target, headers, "{\"messages\":[{\"content\":\"the-prompt-text\"}]}")).status(),
      200);
  ASSERT_EQ(collector.wait_for_spans(2).size(), 2U);
  const Message exported = collector.last_request();
  EXPECT_EQ(exported.header("authorization"), "Bearer collector-token");
  for (const char* secret : {"test-key", "backend-key-a", "collector-token", "the-prompt-text", "the-answer-text",
                             "the-query-value", "the-field", "2024-10-21"}) {
    EXPECT_EQ(exported.body.find(secret), std::string::npos) << secret;
  }
}

TEST(Tracing, OffAddsNothingAndPassesTheClientsOwnOn) {
  FakeBackend a;
  const TestGateway gateway(one(a, ""));
  gateway.chat();
  EXPECT_EQ(a.last_request().count("traceparent"), 0U);
  gateway.call(chat_request("gpt-4o", {{"traceparent", "anything"}, {"tracestate", "v=1"}}));
  EXPECT_EQ(a.last_request().header("traceparent"), "anything");
  EXPECT_EQ(a.last_request().header("tracestate"), "v=1");
}

TEST(Tracing, IsTurnedOnAndOffByAReload) {
  FakeBackend a;
  const FakeCollector collector;
  TestGateway gateway(one(a, ""));
  EXPECT_EQ(gateway.reload(one(a, collector.yaml())).status(), 200);
  gateway.chat();
  EXPECT_EQ(collector.wait_for_spans(2).size(), 2U);
  EXPECT_EQ(gateway.reload(one(a, "")).status(), 200);
  gateway.chat();
  EXPECT_EQ(a.last_request().count("traceparent"), 0U);
  EXPECT_EQ(metric(gateway.metrics(), "spillway_trace_spans_exported_total"), 2);
}

}  // namespace
}  // namespace spillway::test
