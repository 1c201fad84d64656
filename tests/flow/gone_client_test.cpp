#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "fault.hpp"
#include "servers.hpp"
#include "test_gateway.hpp"

// A client that goes away ends its request wherever that stands: promptly, without a further attempt, at nobody's cost.
namespace spillway::test {
namespace {

enum class Leaving { end, reset, tls_close };
void PrintTo(Leaving leaving, std::ostream* out) {
  constexpr const char* names[] = {"End", "Reset", "TlsClose"};
  *out << names[static_cast<int>(leaving)];
}

class GoneClient : public testing::TestWithParam<Leaving> {
 protected:
  // The gateway speaks TLS with clients that leave as TLS does.
  TestGateway::Options options() const {
    return GetParam() == Leaving::tls_close ? with_listeners(https_listener(make_certificate()))
                                            : with_listeners("{address: \"127.0.0.1:0\"}");
  }
  RawClient client_of(const TestGateway& gateway) const {
    RawClient client = gateway.client();
    const bool over_tls = GetParam() == Leaving::tls_close;
    EXPECT_TRUE(!over_tls || client.socket().start_tls_client(test_ca_file(), "localhost"));
    return client;
  }
  // Over TLS `close` says so first.
  void leave(RawClient& client) const {
    GetParam() == Leaving::reset ? client.socket().reset() : client.socket().close();
  }
};
INSTANTIATE_TEST_SUITE_P(By, GoneClient, testing::Values(Leaving::end, Leaving::reset, Leaving::tls_close),
                         testing::PrintToStringParamName());

std::string yaml(const std::vector<std::string>& urls, const std::string& pool_more = "",
                 const std::string& more = "") {
  std::string members;
  for (std::size_t i = 0; i < urls.size(); ++i) members += static_cast<char>('a' + i);
  return clients_yaml() + backends_yaml(urls) + pool_yaml(members, pool_more) + more;
}

bool all_is_quiet(const TestGateway& gateway) {
  return eventually([&] {
    const nlohmann::json document = nlohmann::json::parse(gateway.status());
    for (const auto& member : document["pools"][0]["members"])
      if (member["in_flight"] != 0) return false;
    return metric(gateway.metrics(), "spillway_client_connections") == 0;
  });
}

void expect_no_blame(const TestGateway& gateway, std::size_t member) {
  const auto status = member_of(gateway.status(), member);
  EXPECT_EQ(status["failures"], 0);
  for (const auto& circuit : status["circuits"]) EXPECT_EQ(circuit["state"], "closed");
}

TEST_P(GoneClient, U29BeforeTheHeadOfTheAnswer) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(yaml({a.url(), b.url()}), options());
  RawClient client = client_of(gateway);
  client.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  leave(client);
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_TRUE(all_is_quiet(gateway));
  EXPECT_EQ(b.connection_count(), 0U) << "no further attempt";
  expect_no_blame(gateway, 0);
}

TEST_P(GoneClient, U29InTheMiddleOfAStream) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: 1\n\n");
    turn.wait_for_close();
  });
  const TestGateway gateway(yaml({a.url(), b.url()}), options());
  RawClient client = client_of(gateway);
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("data: 1"));
  EXPECT_TRUE(reaches(gateway, "spillway_streams_active", 1));
  leave(client);
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_TRUE(all_is_quiet(gateway));
  EXPECT_TRUE(reaches(gateway, "spillway_streams_active", 0));
  EXPECT_EQ(b.connection_count(), 0U);
  expect_no_blame(gateway, 0);
}

TEST_P(GoneClient, U29DuringTheWaitBeforeARetry) {
  FakeBackend a, b;
  a.always_reply(500);
  const TestGateway gateway(
      yaml({a.url(), b.url()}, "retry: {interval: 1h, first_fast_retry: false}, " + std::string(no_circuits)),
      options());
  RawClient client = client_of(gateway);
  client.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  EXPECT_TRUE(eventually([&] { return member_of(gateway.status(), 0)["requests"] == 1; }));
  leave(client);
  EXPECT_TRUE(all_is_quiet(gateway)) << "nobody waits an hour for a client that is gone";
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST_P(GoneClient, U29WhileWaitingForAMember) {
  FakeBackend a;
  a.then_reply(429, retry_after_ms(60'000));
  const TestGateway gateway(yaml({a.url()}, "", "on_exhausted: {wait: 10m}\n"), options());
  RawClient client = client_of(gateway);
  client.send(chat_request());
  EXPECT_TRUE(eventually([&] { return member_of(gateway.status(), 0)["throttled"] == 1; }));
  leave(client);
  EXPECT_TRUE(all_is_quiet(gateway));
  EXPECT_EQ(a.request_count(), 1U);
}

TEST_P(GoneClient, U29WhileWaitingForAPlaceAtAFullBackend) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    if (turn.wait_for_release()) turn.reply(200);
  });
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                                "\", limits: {max_connections: 1}}]\n" + pool_yaml("a", "timeouts: {connect: 10m}"),
                            options());
  RawClient first = client_of(gateway);
  first.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  RawClient client = client_of(gateway);
  client.send(chat_request());
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 2; }));
  leave(client);
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 1; }));
  a.release();
  EXPECT_EQ(first.receive().status(), 200);
  EXPECT_EQ(a.request_count(), 1U);
}

TEST_P(GoneClient, U29WhileConnectingOverTls) {
  FakeBackend::Options over_tls;
  over_tls.tls = true;
  FakeBackend a(over_tls);
  a.on_connect(hold);
  FakeBackend b;
  const TestGateway gateway(yaml({a.url(), b.url()}, "timeouts: {connect: 10m}"), options());
  RawClient client = client_of(gateway);
  client.send(chat_request());
  ASSERT_TRUE(a.wait_for_connections(1));
  leave(client);
  EXPECT_TRUE(all_is_quiet(gateway));
  EXPECT_EQ(b.connection_count(), 0U);
  expect_no_blame(gateway, 0);
}

TEST_P(GoneClient, WhileSendingABodyThatIsKept) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}), options());
  RawClient client = client_of(gateway);
  const std::string bytes = chat_request();
  client.send(bytes.substr(0, bytes.size() - 5));
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_client_connections") == 1; }));
  leave(client);
  EXPECT_TRUE(all_is_quiet(gateway));
  EXPECT_EQ(a.connection_count(), 0U);
}

TEST(GoneClientFlow, U29AnAbandonedRequestIsLoggedInTheMetricsAs499) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(yaml({a.url()}));
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(a.wait_for_requests(1));
  client.socket().close();
  EXPECT_TRUE(eventually([&] {
    return metric(gateway.metrics(), "spillway_requests_total{route=\"default\",client=\"app\",code=\"499\"}") == 1;
  }));
}

}  // namespace
}  // namespace spillway::test
