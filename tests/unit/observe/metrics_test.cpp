#include "spillway/observe/metrics.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <thread>

#include "spillway/version.hpp"

namespace spillway::observe {
namespace {

using namespace std::chrono_literals;

// The value of the sample whose series is written exactly so, or nothing.
std::string value_of(const std::string& text, const std::string& series) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return line.substr(series.size() + 1);
  }
  return "";
}

TEST(Metrics, EveryMetricHasOneHelpAndOneTypeLine) {
  const std::string text = Metrics().text({});
  std::istringstream lines(text);
  std::set<std::string> help;
  std::set<std::string> type;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, kind, name;
    words >> hash >> kind >> name;
    if (hash != "#") continue;
    EXPECT_TRUE((kind == "HELP" ? help : type).insert(name).second) << line;
  }
  const std::set<std::string> expected = {"spillway_requests_total",
                                          "spillway_request_duration_seconds",
                                          "spillway_time_to_first_byte_seconds",
                                          "spillway_overhead_seconds",
                                          "spillway_attempts_total",
                                          "spillway_attempt_time_to_first_byte_seconds",
                                          "spillway_attempt_duration_seconds",
                                          "spillway_retries_total",
                                          "spillway_exhausted_total",
                                          "spillway_member_info",
                                          "spillway_circuit_state",
                                          "spillway_circuit_transitions_total",
                                          "spillway_retry_after_seconds",
                                          "spillway_backend_in_flight",
                                          "spillway_upstream_connections",
                                          "spillway_client_connections",
                                          "spillway_streams_active",
                                          "spillway_request_body_memory_bytes",
                                          "spillway_event_loop_stalls_total",
                                          "spillway_event_loop_stall_seconds",
                                          "spillway_config_reloads_total",
                                          "spillway_access_token_fetches_total",
                                          "spillway_access_token_usable",
                                          "spillway_tenant_key_fetches_total",
                                          "spillway_tenant_keys",
                                          "spillway_tenant_keys_last_fetch_timestamp_seconds",
                                          "spillway_key_vault_fetches_total",
                                          "spillway_key_vault_last_fetch_timestamp_seconds",
                                          "spillway_log_lines_dropped_total",
                                          "spillway_internal_errors_total",
                                          "spillway_trace_spans_exported_total",
                                          "spillway_trace_spans_dropped_total",
                                          "spillway_build_info",
                                          "process_cpu_seconds_total",
                                          "process_resident_memory_bytes",
                                          "process_open_fds",
                                          "process_max_fds",
                                          "process_start_time_seconds"};
  EXPECT_EQ(help, expected);
  EXPECT_EQ(type, expected);
  EXPECT_TRUE(text.ends_with("\n"));
}

TEST(Metrics, RequestsAreCountedByRouteClientAndCode) {
  Metrics metrics;
  metrics.requests("azure", "chat-app", 200).add();
  metrics.requests("azure", "chat-app", 200).add();
  metrics.requests("azure", "chat-app", 503).add();
  metrics.requests("azure", "batch", 200).add(7);
  const std::string text = metrics.text({});
  EXPECT_EQ(value_of(text, R"(spillway_requests_total{route="azure",client="chat-app",code="200"})"), "2");
  EXPECT_EQ(value_of(text, R"(spillway_requests_total{route="azure",client="chat-app",code="503"})"), "1");
  EXPECT_EQ(value_of(text, R"(spillway_requests_total{route="azure",client="batch",code="200"})"), "7");
  EXPECT_EQ(text.find(R"(code="201")"), std::string::npos);
}

TEST(Metrics, AnUnknownRouteOrClientIsADash) {
  Metrics metrics;
  metrics.requests("", "", 401).add();
  metrics.requests("azure", "chat-app", 0).add();
  metrics.route("").duration->observe(1ms);
  const std::string text = metrics.text({});
  EXPECT_EQ(value_of(text, R"(spillway_requests_total{route="-",client="-",code="401"})"), "1");
  EXPECT_EQ(value_of(text, R"(spillway_requests_total{route="azure",client="chat-app",code="-"})"), "1");
  EXPECT_EQ(value_of(text, R"(spillway_request_duration_seconds_count{route="-"})"), "1");
}

TEST(Metrics, StatusesOutsideTheirRangeShareOneCounter) {
  Metrics metrics;
  RequestSeries& series = metrics.request_series("r", "c");
  EXPECT_EQ(&series.code(99), &series.code(600));
  EXPECT_EQ(&series.code(-1), &series.code(0));
  EXPECT_NE(&series.code(100), &series.code(599));
  EXPECT_NE(&series.code(100), &series.code(0));
  series.code(100).add();
  series.code(599).add(2);
  const std::string text = metrics.text({});
  EXPECT_EQ(value_of(text, R"(spillway_requests_total{route="r",client="c",code="100"})"), "1");
  EXPECT_EQ(value_of(text, R"(spillway_requests_total{route="r",client="c",code="599"})"), "2");
}

TEST(Metrics, LookUpsGiveTheSameObjectForTheSameLabels) {
  Metrics metrics;
  EXPECT_EQ(&metrics.requests("a", "b", 200), &metrics.requests("a", "b", 200));
  EXPECT_NE(&metrics.requests("a", "b", 200), &metrics.requests("ab", "", 200));
  EXPECT_EQ(metrics.route("a").duration, metrics.route("a").duration);
  EXPECT_NE(metrics.route("a").duration, metrics.route("a").first_byte);
  EXPECT_EQ(&metrics.member("p", "b").outcome(Outcome::tls), &metrics.member("p", "b").outcome(Outcome::tls));
  EXPECT_NE(&metrics.member("p", "b").outcome(Outcome::tls), &metrics.member("p", "c").outcome(Outcome::tls));
  EXPECT_EQ(metrics.pool("p").retries, metrics.pool("p").retries);
  EXPECT_EQ(metrics.backend("b").connections_idle, metrics.backend("b").connections_idle);
  EXPECT_NE(metrics.backend("b").connections_idle, metrics.backend("b").connections_active);
}

TEST(Metrics, AMemberHasEveryOutcomeFromTheStart) {
  Metrics metrics;
  metrics.member("openai", "eastus").outcome(Outcome::throttled).add(3);
  const std::string text = metrics.text({});
  for (const char* outcome : {"success", "server_error", "client_error", "connect", "tls", "timeout", "reset",
                              "invalid_response", "cancelled"}) {
    EXPECT_EQ(value_of(text, std::string(R"(spillway_attempts_total{pool="openai",backend="eastus",outcome=")") +
                                 outcome + "\"}"),
              "0");
  }
  EXPECT_EQ(value_of(text, R"(spillway_attempts_total{pool="openai",backend="eastus",outcome="throttled"})"), "3");
}

TEST(Metrics, ACircuitIsOneInItsStateAndZeroInTheOthers) {
  Metrics::Sampled sampled;
  sampled.circuits = {{"eastus", "gpt-4o", "half_open"}};
  sampled.backends = {{"eastus", 12}};
  sampled.log_lines_dropped = 5;
  sampled.faults = 2;
  sampled.spans_exported = 70;
  sampled.spans_dropped = 3;
  const std::string text = Metrics().text(sampled);
  EXPECT_EQ(value_of(text, R"(spillway_circuit_state{backend="eastus",deployment="gpt-4o",state="closed"})"), "0");
  EXPECT_EQ(value_of(text, R"(spillway_circuit_state{backend="eastus",deployment="gpt-4o",state="open"})"), "0");
  EXPECT_EQ(value_of(text, R"(spillway_circuit_state{backend="eastus",deployment="gpt-4o",state="half_open"})"), "1");
  EXPECT_EQ(value_of(text, R"(spillway_backend_in_flight{backend="eastus"})"), "12");
  EXPECT_EQ(value_of(text, "spillway_log_lines_dropped_total"), "5");
  EXPECT_EQ(value_of(text, "spillway_internal_errors_total"), "2");
  EXPECT_EQ(value_of(text, "spillway_trace_spans_exported_total"), "70");
  EXPECT_EQ(value_of(text, "spillway_trace_spans_dropped_total"), "3");
}

TEST(Metrics, EverythingElseIsWrittenUnderItsName) {
  Metrics metrics;
  metrics.pool("openai").retries->add(2);
  metrics.pool("openai").exhausted->add(1);
  metrics.transitions("eastus", "gpt-4o", "closed", "open").add();
  metrics.reloads(true).add(4);
  metrics.backend("eastus").connections_idle->set(3);
  metrics.backend("eastus").connections_active->add(2);
  metrics.backend("eastus").connections_active->sub();
  metrics.client_connections().add(9);
  metrics.streams_active().sub();
  const std::string text = metrics.text({});
  EXPECT_EQ(value_of(text, R"(spillway_retries_total{pool="openai"})"), "2");
  EXPECT_EQ(value_of(text, R"(spillway_exhausted_total{pool="openai"})"), "1");
  EXPECT_EQ(
      value_of(text,
               R"(spillway_circuit_transitions_total{backend="eastus",deployment="gpt-4o",from="closed",to="open"})"),
      "1");
  EXPECT_EQ(value_of(text, R"(spillway_config_reloads_total{result="success"})"), "4");
  EXPECT_EQ(value_of(text, R"(spillway_config_reloads_total{result="failure"})"), "0");
  EXPECT_EQ(value_of(text, R"(spillway_upstream_connections{backend="eastus",state="idle"})"), "3");
  EXPECT_EQ(value_of(text, R"(spillway_upstream_connections{backend="eastus",state="active"})"), "1");
  EXPECT_EQ(value_of(text, "spillway_client_connections"), "9");
  EXPECT_EQ(value_of(text, "spillway_streams_active"), "-1");
  EXPECT_NE(text.find(std::string("spillway_build_info{version=\"") + version + "\",compiler=\""), std::string::npos);
}

TEST(Metrics, WhatIsFetchedIsCountedByResultFromTheFirstOn) {
  Metrics metrics;
  metrics.token_fetches("system", "https://a").result(false).add();
  metrics.tenant_key_fetches("t", "https://l").result(true).add(2);
  metrics.secret_fetches("s").result(true).add(3);
  const std::string text = metrics.text({});
  const std::string token = R"(spillway_access_token_fetches_total{identity="system",resource="https://a",result=)";
  EXPECT_EQ(value_of(text, token + "\"failure\"}"), "1");
  EXPECT_EQ(value_of(text, token + "\"success\"}"), "0");
  const std::string keys = R"(spillway_tenant_key_fetches_total{tenant="t",authority="https://l",result=)";
  EXPECT_EQ(value_of(text, keys + "\"success\"}"), "2");
  EXPECT_EQ(value_of(text, keys + "\"failure\"}"), "0");
  EXPECT_EQ(value_of(text, R"(spillway_key_vault_fetches_total{secret="s",result="success"})"), "3");
  EXPECT_EQ(value_of(text, R"(spillway_key_vault_fetches_total{secret="s",result="failure"})"), "0");
}

TEST(Metrics, TokensKeysAndSecretsTellHowTheyAre) {
  Metrics::Sampled sampled;
  sampled.tokens = {{"b", "r", true}, {"a", "r", true}, {"b", "r", false}, {"b", "other", true}};
  sampled.tenants = {{"t", "l", 4, WallTime(1'769'860'800'900ms)}, {"new", "l", 0, std::nullopt}};
  sampled.secrets = {{"s", WallTime(1'769'860'801s)}};
  const std::string text = Metrics().text(sampled);
  EXPECT_EQ(value_of(text, R"(spillway_access_token_usable{identity="a",resource="r"})"), "1");
  EXPECT_EQ(value_of(text, R"(spillway_access_token_usable{identity="b",resource="r"})"), "0") << "one of two is not";
  EXPECT_EQ(value_of(text, R"(spillway_access_token_usable{identity="b",resource="other"})"), "1");
  EXPECT_EQ(value_of(text, R"(spillway_tenant_keys{tenant="t",authority="l"})"), "4");
  const std::string fetched = "spillway_tenant_keys_last_fetch_timestamp_seconds";
  EXPECT_EQ(value_of(text, fetched + R"({tenant="t",authority="l"})"), "1769860800");
  EXPECT_EQ(value_of(text, fetched + R"({tenant="new",authority="l"})"), "0");
  EXPECT_EQ(value_of(text, R"(spillway_key_vault_last_fetch_timestamp_seconds{secret="s"})"), "1769860801");
}

TEST(Metrics, LabelValuesAreEscaped) {
  Metrics metrics;
  metrics.pool("a\"b\\c\nd").retries->add();
  const std::string text = metrics.text({});
  EXPECT_EQ(value_of(text, R"(spillway_retries_total{pool="a\"b\\c\nd"})"), "1");
}

TEST(Metrics, SeriesAreSorted) {
  Metrics metrics;
  for (const char* client : {"c", "a", "b"}) metrics.requests("r", client, 200).add();
  const std::string text = metrics.text({});
  EXPECT_LT(text.find(R"(client="a")"), text.find(R"(client="b")"));
  EXPECT_LT(text.find(R"(client="b")"), text.find(R"(client="c")"));
  EXPECT_EQ(text, metrics.text({}));
}

TEST(Histogram, ABoundBelongsToItsBucket) {
  Histogram histogram(10us, 3);  // 10, 20, 40 µs
  for (const Duration value : {Duration(0ns), Duration(-1us), Duration(10us)}) histogram.observe(value);
  EXPECT_EQ(histogram.count(0), 3U);
  histogram.observe(10'001ns);
  histogram.observe(20us);
  EXPECT_EQ(histogram.count(1), 2U);
  histogram.observe(20'001ns);
  histogram.observe(40us);
  EXPECT_EQ(histogram.count(2), 2U);
  histogram.observe(40'001ns);
  histogram.observe(24h * 365);
  EXPECT_EQ(histogram.count(3), 2U);
}

TEST(Histogram, LinesAreCumulativeAndInSeconds) {
  Metrics metrics;
  Histogram& duration = *metrics.route("azure").duration;
  duration.observe(1280us);
  duration.observe(2ms);
  duration.observe(1000s);
  const std::string text = metrics.text({});
  const auto bucket = [&](const std::string& bound) {
    return value_of(text, R"(spillway_request_duration_seconds_bucket{route="azure",le=")" + bound + "\"}");
  };
  EXPECT_EQ(bucket("0.00128"), "1");
  EXPECT_EQ(bucket("0.00256"), "2");
  EXPECT_EQ(bucket("671.08864"), "2");
  EXPECT_EQ(bucket("+Inf"), "3");
  EXPECT_EQ(value_of(text, R"(spillway_request_duration_seconds_count{route="azure"})"), "3");
  EXPECT_EQ(value_of(text, R"(spillway_request_duration_seconds_sum{route="azure"})"), "1000.00328");
}

TEST(Histogram, OwnTimeStartsAtTenMicroseconds) {
  Metrics metrics;
  metrics.overhead().observe(655'360us);
  const std::string text = metrics.text({});
  EXPECT_EQ(value_of(text, R"(spillway_overhead_seconds_bucket{le="0.00001"})"), "0");
  EXPECT_EQ(value_of(text, R"(spillway_overhead_seconds_bucket{le="0.65536"})"), "1");
  EXPECT_EQ(value_of(text, R"(spillway_retry_after_seconds_bucket{backend="b",le="2048"})"), "");
  metrics.backend("b").retry_after->observe(86'400s);
  EXPECT_EQ(value_of(metrics.text({}), R"(spillway_retry_after_seconds_bucket{backend="b",le="2048"})"), "0");
  EXPECT_EQ(value_of(metrics.text({}), R"(spillway_retry_after_seconds_sum{backend="b"})"), "86400");
}

TEST(Metrics, NothingIsLostWhenThreadsMeetOnNewSeries) {
  Metrics metrics;
  constexpr int threads = 4;
  constexpr int rounds = 2000;
  {
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&metrics] {
        for (int i = 0; i < rounds; ++i) {
          metrics.requests("route-" + std::to_string(i % 50), "client", 200 + i % 300).add();
          metrics.overhead().observe(50us);
          if (i % 500 == 0) {
            EXPECT_FALSE(metrics.text({}).empty());
          }
        }
      });
    }
  }
  std::uint64_t total = 0;
  for (int r = 0; r < 50; ++r) {
    metrics.request_series("route-" + std::to_string(r), "client").each([&](int, std::uint64_t n) { total += n; });
  }
  EXPECT_EQ(total, std::uint64_t{threads} * rounds);
  EXPECT_EQ(value_of(metrics.text({}), "spillway_overhead_seconds_count"), std::to_string(threads * rounds));
}

TEST(Metrics, TotalsSumOverRoutesClientsAndStatuses) {
  Metrics metrics;
  EXPECT_EQ(metrics.totals().requests, 0U);
  metrics.requests("a", "x", 200).add(4);
  metrics.requests("a", "y", 499).add(2);
  metrics.requests("b", "x", 500).add();
  metrics.requests("b", "x", 503).add();
  metrics.requests("", "", 0).add();
  metrics.client_connections().add(3);
  metrics.streams_active().add(2);
  const Metrics::Totals totals = metrics.totals();
  EXPECT_EQ(totals.requests, 9U);
  EXPECT_EQ(totals.failures, 2U);
  EXPECT_EQ(totals.client_connections, 3);
  EXPECT_EQ(totals.streams, 2);
}

TEST(Metrics, LatenciesOfAMemberAreTheSameForEveryConfigurationAndItsOwn) {
  Metrics metrics;
  const MemberSeries before = metrics.member("openai", "a");
  const MemberSeries after = metrics.member("openai", "a");
  EXPECT_EQ(before.first_byte, after.first_byte);
  EXPECT_EQ(before.duration, after.duration);
  EXPECT_NE(before.first_byte, metrics.member("openai", "b").first_byte);
  EXPECT_NE(before.first_byte, metrics.member("other", "a").first_byte);
  EXPECT_NE(before.first_byte, before.duration);
}

TEST(Metrics, LatenciesOfAMemberAreCountedForTheScrapeAndForTheStatusPage) {
  Metrics metrics;
  const MemberSeries series = metrics.member("openai", "eastus");
  series.first_byte->observe(2ms);
  series.duration->observe(2ms);
  series.duration->observe(600s);
  const std::string text = metrics.text({});
  const std::string labels = R"({pool="openai",backend="eastus"})";
  EXPECT_EQ(value_of(text, "spillway_attempt_time_to_first_byte_seconds_count" + labels), "1");
  EXPECT_EQ(value_of(text, "spillway_attempt_duration_seconds_sum" + labels), "600.002");
  const auto bucket = [&](const std::string& bound) {
    return value_of(text,
                    R"(spillway_attempt_duration_seconds_bucket{pool="openai",backend="eastus",le=")" + bound + "\"}");
  };
  EXPECT_EQ(bucket("0.00128"), "0");
  EXPECT_EQ(bucket("0.00256"), "1");
  EXPECT_EQ(bucket("335.54432"), "1");
  EXPECT_EQ(bucket("671.08864"), "2");
  EXPECT_EQ(series.duration->counts().count(latency_bucket(600s)), 1U);
  EXPECT_EQ(series.first_byte->counts().count(latency_bucket(2ms)), 1U);
}

TEST(Metrics, AMemberTellsWhatIsConfiguredForIt) {
  Metrics::Sampled sampled;
  sampled.members = {{"openai", "eastus-ptu", "East US", "ptu", 1, 1}, {"openai", "westus", "", "paygo", 2, 0}};
  const std::string text = Metrics().text(sampled);
  EXPECT_EQ(
      value_of(
          text,
          R"(spillway_member_info{pool="openai",backend="eastus-ptu",region="East US",kind="ptu",priority="1",weight="1"})"),
      "1");
  EXPECT_EQ(
      value_of(
          text,
          R"(spillway_member_info{pool="openai",backend="westus",region="-",kind="paygo",priority="2",weight="0"})"),
      "1");
}

TEST(Metrics, TheProcessIsToldInTheUsualNames) {
  Metrics::Sampled sampled;
  sampled.process.cpu_time = 12'340ms;
  sampled.process.resident_bytes = 104'857'600;
  sampled.process.open_descriptors = 37;
  sampled.process.started_at = WallTime(1'769'860'800'250ms);
  const std::string text = Metrics().text(sampled);
  EXPECT_EQ(value_of(text, "process_cpu_seconds_total"), "12.34");
  EXPECT_EQ(value_of(text, "process_resident_memory_bytes"), "104857600");
  EXPECT_EQ(value_of(text, "process_open_fds"), "37");
  EXPECT_EQ(value_of(text, "process_max_fds"), "") << "what is not known has no value";
  EXPECT_EQ(value_of(text, "process_start_time_seconds"), "1769860800.25");
}

}  // namespace
}  // namespace spillway::observe
