#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "steady_load.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

std::string client(const std::string& key) {
  return "clients: [{name: app, keys: [" + key + "]}]\n";
}

Message post(const TestGateway& gateway, const std::string& key) {
  return gateway.call(request("POST", "/openai/v1/responses", {{"api-key", key}}, "{}"));
}

std::string sha256_of(const TestGateway& gateway) {
  return nlohmann::json::parse(gateway.status())["config"]["sha256"];
}

TEST(Reload, T17ANewKeyIsValidAndTheOldOneRefusedFromTheNextRequest) {
  FakeBackend a;
  const std::string rest = backends_yaml({a.url()}) + pool_yaml("a");
  TestGateway gateway(client("old-key") + rest);
  EXPECT_EQ(post(gateway, "old-key").status(), 200);
  const Message reloaded = gateway.reload(client("new-key") + rest);
  EXPECT_EQ(reloaded.status(), 200);
  EXPECT_TRUE(eventually([&] { return post(gateway, "new-key").status() == 200; }));
  EXPECT_TRUE(eventually([&] { return post(gateway, "old-key").status() == 401; }));
  EXPECT_TRUE(reaches(gateway, "spillway_config_reloads_total{result=\"success\"}", 1));
}

TEST(Reload, ABadFileIsRefusedWithItsProblemsAndTheOldOneServes) {
  FakeBackend a;
  const std::string good = client("test-key") + backends_yaml({a.url()}) + pool_yaml("a");
  TestGateway gateway(good);
  const std::string before = sha256_of(gateway);
  const Message refused = gateway.reload(good + "drain_timout: 3s\non_exhausted: {status: 418}\n");
  EXPECT_EQ(refused.status(), 422);
  EXPECT_NE(refused.body.find("drain_timout"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("drain_timeout"), std::string::npos) << "the name that was probably meant";
  EXPECT_NE(refused.body.find("on_exhausted.status"), std::string::npos) << "every problem at once";
  EXPECT_EQ(refused.body.find("test-key"), std::string::npos);
  EXPECT_EQ(post(gateway, "test-key").status(), 200);
  EXPECT_EQ(sha256_of(gateway), before);
  EXPECT_TRUE(reaches(gateway, "spillway_config_reloads_total{result=\"failure\"}", 1));
  EXPECT_EQ(gateway.reload(good).status(), 200) << "and it can be put right";
}

TEST(Reload, AnEmptyAndAMissingFileAreRefusedToo) {
  FakeBackend a;
  TestGateway gateway(client("test-key") + backends_yaml({a.url()}) + pool_yaml("a"));
  EXPECT_EQ(gateway.reload("pools: [\n").status(), 422);
  EXPECT_EQ(post(gateway, "test-key").status(), 200);
}

TEST(Reload, CircuitsAndCountersOfUnchangedBackendsStay) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(60'000));
  const std::string backends = backends_yaml({a.url(), b.url()});
  TestGateway gateway(client("test-key") + backends + pool_yaml("ab"));
  post(gateway, "test-key");
  EXPECT_EQ(gateway.reload(client("test-key") + backends + pool_yaml("ab", "timeouts: {first_byte: 10s}")).status(),
            200);
  const auto member = member_of(gateway.status(), 0);
  EXPECT_EQ(member["circuits"][0]["state"], "open");
  EXPECT_EQ(member["throttled"], 1);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(post(gateway, "test-key").header("x-routed-backend"), "b");
  EXPECT_EQ(a.request_count(), 1U);
}

TEST(Reload, ABackendThatMovedStartsAfresh) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(60'000));
  TestGateway gateway(client("test-key") + backends_yaml({a.url()}) + pool_yaml("a"));
  EXPECT_EQ(post(gateway, "test-key").status(), 503);
  EXPECT_EQ(gateway.reload(client("test-key") + backends_yaml({b.url()}) + pool_yaml("a")).status(), 200);
  EXPECT_TRUE(eventually([&] { return post(gateway, "test-key").status() == 200; }));
  EXPECT_EQ(b.request_count(), 1U);
}

TEST(Reload, T17U30AStreamInFlightEndsUnderTheConfigurationItBeganWith) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    turn.chunk("one ");
    turn.wait_for_release();
    turn.chunk("two");
    turn.end_stream();
  });
  TestGateway gateway(client("test-key") + backends_yaml({a.url()}) + pool_yaml("a"));
  RawClient stream = gateway.client();
  stream.send(chat_request());
  ASSERT_TRUE(stream.receive_until("one"));
  EXPECT_EQ(gateway
                .reload(client("new-key") + "backends: [{name: z, url: \"" + b.url() +
                        "\"}]\npools: [{name: other, members: [{backend: z}]}]\n")
                .status(),
            200);
  EXPECT_TRUE(eventually([&] { return post(gateway, "new-key").header("x-routed-backend") == "z"; }));
  a.release();
  const Message answer = stream.receive();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, "one two");
  EXPECT_EQ(stream.call(chat_request()).status(), 401) << "its next request is under the new one";
  EXPECT_TRUE(a.wait_for_closed(1)) << "nothing is kept open to a backend that is gone";
}

TEST(Reload, U30TwentyReloadsUnderLoadLoseNothing) {
  FakeBackend a, b, c;
  const std::string before = client("test-key") + backends_yaml({a.url(), b.url(), c.url()});
  TestGateway gateway(before + pool_yaml("abc"));
  SteadyLoad load(gateway);
  for (int i = 0; i < 20; ++i) {
    const int seen = load.served();
    EXPECT_EQ(gateway.reload(before + pool_yaml(i % 2 == 0 ? "ab" : "abc")).status(), 200);
    EXPECT_TRUE(eventually([&] { return load.served() > seen; }));
  }
  load.stop();
  EXPECT_EQ(load.lost(), 0);
  EXPECT_GE(load.served(), 20);
}

TEST(Reload, TheLimitsOfTheClientSideFollow) {
  FakeBackend a;
  const std::string rest = client("test-key") + backends_yaml({a.url()}) + pool_yaml("a");
  TestGateway gateway(rest);
  const std::string bytes = request("POST", "/openai/v1/responses", {{"api-key", "test-key"}}, "{\"input\":\"long\"}");
  EXPECT_EQ(gateway.call(bytes).status(), 200);
  EXPECT_EQ(gateway.reload(rest + "limits: {max_request_body: 5B}\n").status(), 200);
  EXPECT_TRUE(eventually([&] { return gateway.call(bytes).status() == 413; }));
}

TEST(Reload, AKeyOfABackendIsReadAgain) {
  FakeBackend a;
  const auto with_key = [&](const std::string& key) {
    return client("test-key") + "backends: [{name: a, url: \"" + a.url() + "\", auth: {api_key: " + key + "}}]\n" +
           pool_yaml("a");
  };
  TestGateway gateway(with_key("first-backend-key"));
  post(gateway, "test-key");
  EXPECT_EQ(gateway.reload(with_key("second-backend-key")).status(), 200);
  EXPECT_TRUE(eventually([&] {
    post(gateway, "test-key");
    return a.requests().back().header("api-key") == "second-backend-key";
  }));
}

}  // namespace
}  // namespace spillway::test
