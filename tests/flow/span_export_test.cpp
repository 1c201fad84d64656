#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "fake_collector.hpp"
#include "test_gateway.hpp"

// Exporting spans: in batches, again where that helps, and at nobody's cost.
namespace spillway::test {
namespace {

constexpr char exported[] = "spillway_trace_spans_exported_total";
constexpr char dropped[] = "spillway_trace_spans_dropped_total";

std::string one(const FakeBackend& a, const std::string& more) {
  return clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a") + more;
}

TEST(SpanExport, CostsNoRequestWhenTheCollectorIsAway) {
  FakeBackend a;
  FakeCollector collector;
  collector.refuse_connections();
  const TestGateway gateway(one(a, collector.yaml(", queue: 4, batch: 4")));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), dropped) >= 2; }));
  EXPECT_EQ(metric(gateway.metrics(), exported), 0);
}

TEST(SpanExport, TriesAgainWhenTheCollectorAsksForIt) {
  FakeBackend a;
  FakeCollector collector;
  for (const int status : {429, 502, 503, 504}) collector.then_reply(status, {{"Retry-After", "0"}});
  const TestGateway gateway(one(a, collector.yaml()));
  gateway.chat();
  EXPECT_TRUE(reaches(gateway, exported, 2));
  EXPECT_EQ(metric(gateway.metrics(), dropped), 0);
  const std::vector<Message> tries = collector.requests();
  ASSERT_EQ(tries.size(), 5U);
  for (const Message& each : tries) EXPECT_EQ(each.body, tries[0].body);
}

TEST(SpanExport, DropsAndCountsWhatTheCollectorRefuses) {
  FakeBackend a;
  FakeCollector collector;
  collector.then_reply(400);
  const TestGateway gateway(one(a, collector.yaml()));
  gateway.chat();
  EXPECT_TRUE(reaches(gateway, dropped, 2));
  EXPECT_EQ(collector.request_count(), 1U);
  gateway.chat();
  EXPECT_TRUE(reaches(gateway, exported, 2));
}

TEST(SpanExport, CountsWhatTheCollectorTookOnlyInPart) {
  FakeBackend a;
  FakeCollector collector;
  collector.then_reply(200, {}, "{\"partialSuccess\":{\"rejectedSpans\":\"1\",\"errorMessage\":\"no\"}}");
  const TestGateway gateway(one(a, collector.yaml()));
  gateway.chat();
  EXPECT_TRUE(reaches(gateway, exported, 1));
  EXPECT_TRUE(reaches(gateway, dropped, 1));
}

TEST(SpanExport, SendsABatchAtOnceWhenItIsFull) {
  FakeBackend a;
  const FakeCollector collector;
  const TestGateway gateway(
      one(a, "tracing: {endpoint: \"" + collector.url() + "/otlp\", interval: 1h, batch: 4, service_name: edge}\n"));
  gateway.chat();
  EXPECT_EQ(collector.request_count(), 0U);
  gateway.chat();
  EXPECT_EQ(collector.wait_for_spans(4).size(), 4U);
  EXPECT_EQ(collector.request_count(), 1U);
  EXPECT_EQ(collector.last_request().target(), "/otlp/v1/traces");
  EXPECT_NE(collector.last_request().body.find("{\"key\":\"service.name\",\"value\":{\"stringValue\":\"edge\"}}"),
            std::string::npos);
}

TEST(SpanExport, SendsWhatWaitsBeforeTheGatewayEnds) {
  FakeBackend a;
  const FakeCollector collector;
  TestGateway gateway(one(a, "tracing: {endpoint: \"" + collector.url() + "\", interval: 1h}\n"));
  gateway.chat();
  gateway.stop();
  EXPECT_EQ(gateway.wait(), 0);
  EXPECT_EQ(collector.spans().size(), 2U);
}

TEST(SpanExport, DoesNotHoldUpTheEndWhenTheCollectorIsSilent) {
  FakeBackend a;
  FakeCollector collector;
  collector.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  TestGateway gateway(one(a, collector.yaml(", timeout: 1h")));
  gateway.chat();
  ASSERT_TRUE(collector.wait_for_requests(1));
  gateway.stop();
  EXPECT_EQ(gateway.wait(), 0);
}

}  // namespace
}  // namespace spillway::test
