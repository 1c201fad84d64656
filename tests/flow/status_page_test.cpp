#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

using nlohmann::json;

std::string yaml(const FakeBackend& a, const FakeBackend& b) {
  return clients_yaml() + backends_yaml({a.url(), b.url()}) +
         pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}");
}

json status_of(const TestGateway& gateway, const std::string& query = "") {
  return json_of(gateway.admin("GET", "/status" + query));
}

// Requests are counted once their answer has gone out.
json settled(const TestGateway& gateway, int requests, const std::string& query = "") {
  json status;
  EXPECT_TRUE(eventually([&] {
    status = status_of(gateway, query);
    return status["totals"]["requests"] == requests && status["totals"]["in_flight"] == 0;
  })) << status.dump(1);
  return status;
}

std::string hash_source(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::array<unsigned char, 45> encoded{};
  EVP_EncodeBlock(encoded.data(), digest.data(), digest.size());
  return "'sha256-" + std::string(reinterpret_cast<const char*>(encoded.data()), 44) + "'";
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

TEST(StatusPage, IsServedWithAPolicyThatFitsIt) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  const Message answer = gateway.admin("GET", "/");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
  const std::string style = hash_source(between(answer.body, "<style>", "</style>"));
  const std::string script = hash_source(between(answer.body, "<script>", "</script>"));
  EXPECT_EQ(answer.header("content-security-policy"),
            "default-src 'none'; script-src " + script + "; style-src " + style +
                "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  for (const char* elsewhere : {"http://", "https://", "src=\"/", "href=\"/", "url("})
    EXPECT_EQ(answer.body.find(elsewhere), std::string::npos) << elsewhere;
}

TEST(StatusPage, AnswersGetAndHeadAlone) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  RawClient client(gateway.admin_port());
  client.send(request("HEAD", "/", {}));
  const Message head = client.receive(true);
  EXPECT_EQ(head.status(), 200);
  EXPECT_EQ(head.header("content-length"), std::to_string(gateway.admin("GET", "/").body.size()));
  EXPECT_TRUE(client.unread().empty());
  const Message post = gateway.admin("POST", "/");
  EXPECT_EQ(post.status(), 405);
  EXPECT_EQ(post.header("allow"), "GET, HEAD");
  EXPECT_NE(gateway.admin("GET", "/nothing").body.find(" / "), std::string::npos) << "a wrong path names it";
}

TEST(Status, TellsTheLastMinuteOfEveryMember) {
  FakeBackend a, b;
  a.then_reply(200).then_reply(500).then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b));
  for (int i = 0; i < 4; ++i) gateway.chat();
  const json status = settled(gateway, 4);
  const json first = status["pools"][0]["members"][0]["last_minute"];
  EXPECT_EQ(first["requests"], 3);
  EXPECT_EQ(first["failures"], 1);
  EXPECT_EQ(first["throttled"], 1);
  EXPECT_GT(first["span_ms"], 0);
  EXPECT_LE(first["span_ms"], 61'000);
  EXPECT_GT(first["ttfb_ms"]["p50"], 0);
  EXPECT_GE(first["ttfb_ms"]["p95"], first["ttfb_ms"]["p50"]);
  EXPECT_GT(first["duration_ms"]["p50"], 0);
  EXPECT_GE(first["duration_ms"]["p95"], first["duration_ms"]["p50"]);
  EXPECT_EQ(status["pools"][0]["members"][1]["last_minute"]["requests"], 3);
  EXPECT_EQ(status["totals"]["last_minute"]["requests"], 4);
  EXPECT_EQ(status["totals"]["last_minute"]["failures"], 0);
  EXPECT_EQ(status["totals"]["streams"], 0);
  EXPECT_TRUE(status["pools"][0]["ready"]);
  EXPECT_FALSE(status["totals"].contains("history"));
  EXPECT_FALSE(status["pools"][0]["members"][0].contains("history"));
}

TEST(Status, LatenciesAreThoseOfSuccessesAlone) {
  FakeBackend a, b;
  a.always_reply(404);
  b.always_reply(200);
  const TestGateway gateway(yaml(a, b));
  gateway.chat();
  const json minute = settled(gateway, 1)["pools"][0]["members"][0]["last_minute"];
  EXPECT_EQ(minute["requests"], 1);
  EXPECT_EQ(minute["ttfb_ms"], json::parse(R"({"p50": null, "p95": null})"));
  EXPECT_EQ(minute["duration_ms"], json::parse(R"({"p50": null, "p95": null})"));
}

TEST(Status, TellsTheHistoryToWhoAsksForIt) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  gateway.chat();
  const json status = settled(gateway, 1, "?history=true");
  EXPECT_EQ(status["totals"]["history"]["slice_ms"], 10'000);
  EXPECT_EQ(status["totals"]["history"]["requests"].back(), 1);
  EXPECT_EQ(status["totals"]["history"]["failures"].back(), 0);
  const json history = status["pools"][0]["members"][0]["history"];
  EXPECT_EQ(history["requests"].back(), 1);
  EXPECT_GT(history["ttfb_ms"].back(), 0);
  EXPECT_EQ(status["pools"][0]["members"][1]["history"]["ttfb_ms"].back(), nullptr);
}

TEST(Status, ListsTheLastChangesOfCircuits) {
  FakeBackend a, b;
  a.then_reply(429, retry_after_ms(1)).then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml(a, b));
  EXPECT_EQ(status_of(gateway)["transitions"], json::array());
  gateway.chat();
  EXPECT_TRUE(eventually([&] { return status_of(gateway)["transitions"].size() == 2; })) << "it closes by itself";
  gateway.chat();
  json seen = status_of(gateway)["transitions"];
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0]["time"].get<std::string>().size(), 24U);
  for (json& one : seen) one.erase("time");
  EXPECT_EQ(seen, json::parse(R"([
    {"number": 3, "backend": "a", "deployment": "other", "from": "closed", "to": "open", "rule": "throttled",
     "open_for_ms": 60000},
    {"number": 2, "backend": "a", "deployment": "other", "from": "open", "to": "closed", "rule": "throttled",
     "open_for_ms": null},
    {"number": 1, "backend": "a", "deployment": "other", "from": "closed", "to": "open", "rule": "throttled",
     "open_for_ms": 1}])"));
}

TEST(Status, ListsTheLastReloadsWithTheirProblems) {
  FakeBackend a, b;
  const std::string good = yaml(a, b);
  TestGateway gateway(good);
  EXPECT_EQ(status_of(gateway)["reloads"], json::array());
  gateway.reload(good + "drain_timout: 3s\n");
  gateway.reload(good);
  const json status = status_of(gateway);
  ASSERT_EQ(status["reloads"].size(), 2U);
  EXPECT_EQ(status["reloads"][0]["result"], "success");
  EXPECT_EQ(status["reloads"][0]["sha256"], status["config"]["sha256"]);
  EXPECT_EQ(status["reloads"][0]["problems"], json::array());
  EXPECT_EQ(status["reloads"][1]["result"], "failure");
  EXPECT_EQ(status["reloads"][1]["problem_count"], 1);
  EXPECT_NE(status["reloads"][1]["problems"][0].get<std::string>().find("drain_timeout"), std::string::npos);
}

TEST(Status, TheLastMinuteOutlivesAReload) {
  FakeBackend a, b;
  const std::string one = yaml(a, b);
  TestGateway gateway(one);
  gateway.chat();
  settled(gateway, 1);
  EXPECT_EQ(gateway.reload(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("a, b")).status(), 200);
  const json status = status_of(gateway);
  EXPECT_EQ(status["pools"][0]["members"][0]["last_minute"]["requests"], 1);
  EXPECT_EQ(status["totals"]["last_minute"]["requests"], 1);
}

TEST(Status, TellsTimeAndBuild) {
  FakeBackend a, b;
  const TestGateway gateway(yaml(a, b));
  const json status = status_of(gateway);
  EXPECT_EQ(status["time"].get<std::string>().size(), 24U);
  EXPECT_GE(status["uptime_ms"], 0);
  EXPECT_FALSE(status["build"]["compiler"].get<std::string>().empty());
  EXPECT_FALSE(status["build"]["openssl"].get<std::string>().empty());
}

}  // namespace
}  // namespace spillway::test
