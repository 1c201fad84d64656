#include "spillway/observe/otlp.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace spillway::observe {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

SpanId span_id(std::uint8_t last) {
  SpanId id{};
  id.back() = last;
  return id;
}

// Two attempts: throttled, then answered.
TracedRequest spilled() {
  TracedRequest request;
  AccessRecord& record = request.record;
  record.time = WallTime(1'769'860'800'123ms);
  record.request_id = "6f9619ff";
  record.client = "chat-app";
  record.method = "POST";
  record.path = "/openai/deployments/gpt-4o/chat/completions";
  record.route = "azure";
  record.pool = "openai";
  record.model = "gpt-4o";
  record.attempts = {{"east", "gpt-4o-ptu", 429, {}, 10ms}, {"west", "gpt-4o", 200, {}, 200ms}};
  record.status = 200;
  record.region = "West US";
  record.duration = 250ms;
  RequestTrace& trace = request.trace;
  trace.server.trace.fill(0xAB);
  trace.server.span = span_id(1);
  trace.server.sampled = true;
  trace.attempts = {{span_id(2), 5ms, "azure.ai.openai", "East US", "east.example", 443, "closed"},
                    {span_id(3), 20ms, "openai", "West US", "west.example", 8443, "half_open"}};
  return request;
}

json document_of(const TracedRequest& request) {
  const std::pair<std::string, std::string> more[] = {{"deployment.environment.name", "te\"st"}};
  const std::span<const TracedRequest> requests(&request, 1);
  return json::parse(otlp_traces({"edge", "1.2.3", more}, requests));
}

json spans_of(const TracedRequest& request) {
  return document_of(request)["resourceSpans"][0]["scopeSpans"][0]["spans"];
}

// The attributes as one object: key to value as OTLP types it.
json attributes_of(const json& of) {
  json all = json::object();
  for (const json& each : of["attributes"]) {
    const std::string key = each["key"];
    EXPECT_FALSE(all.contains(key)) << key;
    all[key] = each["value"];
  }
  return all;
}

json text(const char* value) {
  return {{"stringValue", value}};
}
json number(const char* value) {
  return {{"intValue", value}};
}

TEST(OtlpTraces, NameTheResourceAndTheScope) {
  const json document = document_of(spilled());
  const json& whole = document["resourceSpans"][0];
  EXPECT_EQ(attributes_of(whole["resource"]), (json{{"service.name", text("edge")},
                                                    {"service.version", text("1.2.3")},
                                                    {"deployment.environment.name", text("te\"st")}}));
  EXPECT_EQ(whole["scopeSpans"][0]["scope"], (json{{"name", "spillway"}, {"version", "1.2.3"}}));
}

TEST(OtlpTraces, HaveAServerSpanForTheRequest) {
  json span = spans_of(spilled())[0];
  EXPECT_EQ(attributes_of(span), (json{{"http.request.method", text("POST")},
                                       {"url.scheme", text("http")},
                                       {"url.path", text("/openai/deployments/gpt-4o/chat/completions")},
                                       {"http.route", text("azure")},
                                       {"http.response.status_code", number("200")},
                                       {"spillway.request_id", text("6f9619ff")},
                                       {"spillway.client", text("chat-app")},
                                       {"spillway.route", text("azure")},
                                       {"spillway.pool", text("openai")},
                                       {"spillway.region", text("West US")},
                                       {"spillway.stream", {{"boolValue", false}}},
                                       {"spillway.attempts", number("2")}}));
  span.erase("attributes");
  EXPECT_EQ(span, (json{{"traceId", "abababababababababababababababab"},
                        {"spanId", "0000000000000001"},
                        {"flags", 0x101},
                        {"name", "POST azure"},
                        {"kind", 2},
                        {"startTimeUnixNano", "1769860800123000000"},
                        {"endTimeUnixNano", "1769860800373000000"},
                        {"status", json::object()}}));
}

TEST(OtlpTraces, HaveAClientSpanForEachAttempt) {
  json spans = spans_of(spilled());
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(attributes_of(spans[1]), (json{{"http.request.method", text("POST")},
                                           {"server.address", text("east.example")},
                                           {"server.port", number("443")},
                                           {"http.request.resend_count", number("0")},
                                           {"http.response.status_code", number("429")},
                                           {"error.type", text("429")},
                                           {"gen_ai.operation.name", text("chat")},
                                           {"gen_ai.provider.name", text("azure.ai.openai")},
                                           {"gen_ai.request.model", text("gpt-4o")},
                                           {"spillway.pool", text("openai")},
                                           {"spillway.backend", text("east")},
                                           {"spillway.deployment", text("gpt-4o-ptu")},
                                           {"spillway.region", text("East US")},
                                           {"spillway.circuit_state", text("closed")}}));
  const json second = attributes_of(spans[2]);
  EXPECT_EQ(second["http.request.resend_count"], number("1"));
  EXPECT_EQ(second["server.port"], number("8443"));
  EXPECT_EQ(second["gen_ai.provider.name"], text("openai"));
  EXPECT_FALSE(second.contains("error.type"));
  spans[1].erase("attributes");
  EXPECT_EQ(spans[1], (json{{"traceId", "abababababababababababababababab"},
                            {"spanId", "0000000000000002"},
                            {"parentSpanId", "0000000000000001"},
                            {"flags", 0x101},
                            {"name", "chat gpt-4o"},
                            {"kind", 3},
                            {"startTimeUnixNano", "1769860800128000000"},
                            {"endTimeUnixNano", "1769860800138000000"},
                            {"status", {{"code", 2}}}}));
  EXPECT_EQ(spans[2]["status"], json::object());
}

TEST(OtlpTraces, ContinueTheClientsTrace) {
  TracedRequest request = spilled();
  request.trace.parent = span_id(9);
  request.trace.state = "vendor=\"x\",other=1";
  const json spans = spans_of(request);
  EXPECT_EQ(spans[0]["parentSpanId"], "0000000000000009");
  EXPECT_EQ(spans[0]["flags"], 0x301);
  EXPECT_EQ(spans[0]["traceState"], request.trace.state);
  EXPECT_EQ(spans[1]["flags"], 0x101);
  EXPECT_EQ(spans[1]["traceState"], request.trace.state);
}

TEST(OtlpTraces, SayWhichRouteByItsPathWhereItHasOne) {
  TracedRequest request = spilled();
  request.trace.route_path = "/openai";
  const json span = spans_of(request)[0];
  EXPECT_EQ(span["name"], "POST /openai");
  EXPECT_EQ(attributes_of(span)["http.route"], text("/openai"));
  EXPECT_EQ(attributes_of(span)["spillway.route"], text("azure"));
}

TEST(OtlpTraces, SayWhoBrokeARequestOff) {
  TracedRequest request = spilled();
  request.record.status = 499;
  request.record.aborted_by = AbortedBy::client;
  request.record.attempts[1] = {"west", "gpt-4o", 0, "cancelled", 3ms};
  json spans = spans_of(request);
  EXPECT_FALSE(attributes_of(spans[0]).contains("http.response.status_code"));
  EXPECT_EQ(attributes_of(spans[0])["error.type"], text("client_aborted"));
  EXPECT_EQ(attributes_of(spans[0])["spillway.aborted_by"], text("client"));
  EXPECT_EQ(spans[0]["status"], json::object()) << "no mistake of the gateway's";
  EXPECT_EQ(attributes_of(spans[2])["error.type"], text("cancelled"));
  EXPECT_FALSE(attributes_of(spans[2]).contains("http.response.status_code"));

  request.record.status = 200;
  request.record.aborted_by = AbortedBy::upstream;
  spans = spans_of(request);
  EXPECT_EQ(attributes_of(spans[0])["error.type"], text("upstream_aborted"));
  EXPECT_EQ(spans[0]["status"]["code"], 2);
}

TEST(OtlpTraces, CallAServersErrorByItsStatusAndAClientsNone) {
  TracedRequest request = spilled();
  request.record.status = 503;
  EXPECT_EQ(attributes_of(spans_of(request)[0])["error.type"], text("503"));
  EXPECT_EQ(spans_of(request)[0]["status"]["code"], 2);
  request.record.status = 404;
  EXPECT_FALSE(attributes_of(spans_of(request)[0]).contains("error.type"));
  EXPECT_EQ(spans_of(request)[0]["status"], json::object());
}

TEST(OtlpTraces, HoldNoMethodOfAClientsOwnMakingInTheirNames) {
  TracedRequest request = spilled();
  request.record.method = "BREW";
  request.record.path = "/openai/models";
  const json spans = spans_of(request);
  EXPECT_EQ(spans[0]["name"], "HTTP azure");
  EXPECT_EQ(spans[1]["name"], "HTTP");
  EXPECT_EQ(attributes_of(spans[0])["http.request.method"], text("_OTHER"));
  EXPECT_EQ(attributes_of(spans[0])["http.request.method_original"], text("BREW"));
  EXPECT_FALSE(attributes_of(spans[1]).contains("gen_ai.operation.name"));
}

TEST(OperationOf, IsToldByTheEndOfThePath) {
  EXPECT_EQ(operation_of("/openai/deployments/x/chat/completions"), "chat");
  EXPECT_EQ(operation_of("/openai/deployments/x/Completions"), "text_completion");
  EXPECT_EQ(operation_of("/v1/embeddings"), "embeddings");
  EXPECT_EQ(operation_of("/openai/v1/responses"), "chat");
  EXPECT_EQ(operation_of("/openai/v1/responses/resp_1"), "");
  EXPECT_EQ(operation_of("/openai/models"), "");
  EXPECT_EQ(operation_of(""), "");
}

}  // namespace
}  // namespace spillway::observe
