#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "test_gateway.hpp"
#include "websocket.hpp"

// Who may open a WebSocket, to which member it goes, and what becomes of one that is refused.
namespace spillway::test {
namespace {

std::string yaml(const std::vector<std::string>& urls, const std::string& pool_more = "",
                 const std::string& more = "") {
  std::string members;
  for (std::size_t i = 0; i < urls.size(); ++i) members += static_cast<char>('a' + i);
  return clients_yaml() + backends_yaml(urls) + pool_yaml(members, pool_more) + "response_headers: {attempts: true}\n" +
         more;
}

bool works(WebSocketClient& client) {
  return client.switched() && client.call("hello") == "hello";
}

// Nothing of the request names a key of the gateway.
bool hides_the_key(const Message& request) {
  return request.raw_head.find("test-key") == std::string::npos &&
         request.raw_head.find("insecure") == std::string::npos;
}

TEST(WebSocketHandshake, GoesToTheBackendWithItsOwnCredential) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway, handshake("/openai/realtime?api-version=1&deployment=gpt-4o",
                                            {{"OpenAI-Beta", "realtime=v1"}, {"Origin", "https://app.test"}}));
  ASSERT_TRUE(works(client));
  const Message seen = a.last_request();
  EXPECT_EQ(seen.method(), "GET");
  EXPECT_EQ(seen.target(), "/openai/realtime?api-version=1&deployment=gpt-4o");
  EXPECT_EQ(seen.header("connection"), "Upgrade");
  EXPECT_EQ(seen.header("upgrade"), "websocket");
  EXPECT_EQ(seen.header("sec-websocket-key"), websocket_key);
  EXPECT_EQ(seen.header("sec-websocket-version"), "13");
  EXPECT_EQ(seen.header("api-key"), "backend-key-a");
  EXPECT_EQ(seen.header("openai-beta"), "realtime=v1");
  EXPECT_EQ(seen.header("origin"), "https://app.test");
  EXPECT_EQ(seen.count("content-length"), 0U);
  EXPECT_TRUE(hides_the_key(seen));
}

TEST(WebSocketHandshake, TheKeyMayStandInHeaderQueryOrSubprotocol) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(yaml({a.url()}));
  const std::string target = "/openai/v1/realtime?model=gpt-4o";
  const std::vector<std::string> requests = {
      handshake_without_key(target, {{"Authorization", "Bearer test-key"}}),
      handshake_without_key("/openai/v1/realtime?api-key=test-key&model=gpt-4o"),
      handshake_without_key(target, {{"Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.test-key"}}),
  };
  for (const std::string& request : requests) {
    WebSocketClient client(gateway, request);
    EXPECT_TRUE(works(client)) << request;
    EXPECT_TRUE(hides_the_key(a.last_request())) << request;
    EXPECT_EQ(a.last_request().target(), target);
    EXPECT_EQ(a.last_request().header("api-key"), "backend-key-a");
  }
  EXPECT_EQ(a.last_request().header("sec-websocket-protocol"), "realtime");
  RawClient client = gateway.client();
  const Message wrong =
      client.call(handshake_without_key(target, {{"Sec-WebSocket-Protocol", "openai-insecure-api-key.guess"}}));
  EXPECT_TRUE(is_gateway_error(wrong, 401, "invalid_api_key"));
  EXPECT_TRUE(is_gateway_error(client.call(handshake_without_key(target)), 401, "missing_api_key"));
  EXPECT_EQ(a.request_count(), 3U);
}

TEST(WebSocketHandshake, OnlyTheKeyIsTakenOutOfTheSubprotocols) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}));
  const Headers browser = {{"Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.test-key, openai-beta.v1"}};
  a.then(echo_websocket({{"Sec-WebSocket-Protocol", "realtime"}}));
  WebSocketClient chosen(gateway, handshake_without_key("/v1/realtime?model=gpt-4o", browser));
  ASSERT_TRUE(works(chosen));
  EXPECT_EQ(chosen.answer().header("sec-websocket-protocol"), "realtime");
  EXPECT_EQ(a.last_request().header("sec-websocket-protocol"), "realtime, openai-beta.v1");
  a.then(echo_websocket());
  WebSocketClient none(gateway, handshake_without_key("/v1/realtime?model=gpt-4o", browser));
  ASSERT_TRUE(works(none));
  EXPECT_EQ(none.answer().count("sec-websocket-protocol"), 0U) << "nothing is made up";
  a.then(echo_websocket());
  WebSocketClient only(gateway, handshake("/v1/realtime?model=gpt-4o",
                                          {{"Sec-WebSocket-Protocol", "openai-insecure-api-key.test-key"}}));
  ASSERT_TRUE(works(only));
  EXPECT_EQ(a.last_request().count("sec-websocket-protocol"), 0U);
}

TEST(WebSocketHandshake, H17ABadOneIsRefusedAndNothingIsForwarded) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}));
  RawClient client = gateway.client();
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string bytes = handshake();
    return bytes.replace(bytes.find(from), from.size(), to);
  };
  EXPECT_TRUE(is_gateway_error(client.call(changed(websocket_key, "short==")), 400, "bad_request"));
  EXPECT_TRUE(is_gateway_error(client.call(changed("Sec-WebSocket-Key", "X-Key")), 400, "bad_request"));
  EXPECT_TRUE(is_gateway_error(client.call(changed("Sec-WebSocket-Version: 13\r\n", "")), 400, "bad_request"));
  const Message version = client.call(changed("Version: 13", "Version: 8"));
  EXPECT_TRUE(is_gateway_error(version, 426, "bad_request"));
  EXPECT_EQ(version.header("sec-websocket-version"), "13");
  EXPECT_EQ(version.header("upgrade"), "websocket");
  std::string with_body = handshake("/openai/realtime?deployment=gpt-4o", {{"Content-Length", "2"}}) + "{}";
  EXPECT_TRUE(is_gateway_error(client.call(with_body), 400, "bad_request"));
  EXPECT_TRUE(
      is_gateway_error(client.call(handshake("/openai/deployments/gpt-4o/chat/completions")), 501, "bad_request"));
  EXPECT_TRUE(is_gateway_error(client.call(changed("GET", "POST")), 501, "bad_request"));
  EXPECT_EQ(a.connection_count(), 0U);
  EXPECT_EQ(client.call(chat_request()).status(), 200) << "and the connection goes on";
}

std::string upgrade(const std::string& target, const std::string& protocol) {
  return request("GET", target,
                 {{"api-key", "test-key"},
                  {"Connection", "Upgrade, HTTP2-Settings"},
                  {"Upgrade", protocol},
                  {"HTTP2-Settings", "AAMAAABkAAQAAP__"}});
}

constexpr char chat[] = "/openai/deployments/gpt-4o/chat/completions";
const std::string frame("\x81\x85\0\0\0\0hello", 11);

// Sent behind a request that wanted another protocol: read as requests, and none is one.
void expect_no_tunnel(RawClient& client) {
  const int next = client.receive().status();
  EXPECT_TRUE(next == 400 || next == 505) << next;
  EXPECT_EQ(client.socket().receive_all(), "");
}

TEST(WebSocketHandshake, H17OneToAnotherSurfaceOpensNoTunnel) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}));
  for (const std::string& bytes : {upgrade(chat, "websocket"), handshake(chat), upgrade(chat, "h2c, websocket")}) {
    RawClient client = gateway.client();
    client.send(bytes + frame);
    EXPECT_TRUE(is_gateway_error(client.receive(), 501, "bad_request"));
    expect_no_tunnel(client);
  }
  EXPECT_EQ(a.connection_count(), 0U);
}

// RFC 9110 7.8: a server may ignore Upgrade. Some clients offer h2c with every first request.
TEST(WebSocketHandshake, H17AnotherProtocolIsIgnoredAndOpensNoTunnel) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}));
  std::size_t asked = 0;
  for (const std::string& bytes :
       {upgrade(chat, "h2c") + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", upgrade("/openai/realtime", "h2c") + frame,
        upgrade(chat, "TLS/1.2") + "\x16\x03\x01", upgrade(chat, "websockets") + frame}) {
    RawClient client = gateway.client();
    client.send(bytes);
    EXPECT_EQ(client.receive().status(), 200) << "as an ordinary request";
    EXPECT_EQ(a.request_count(), ++asked);
    for (const char* dropped : {"connection", "upgrade", "http2-settings"})
      EXPECT_EQ(a.last_request().count(dropped), 0U) << dropped;
    expect_no_tunnel(client);
  }
  EXPECT_EQ(a.request_count(), asked);
}

TEST(WebSocketHandshake, WithoutConnectionUpgradeItIsAnOrdinaryRequest) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}));
  std::string bytes = handshake();
  const std::string field = "Connection: Upgrade\r\n";
  bytes.erase(bytes.find(field), field.size());
  EXPECT_EQ(gateway.call(bytes).status(), 200);
  EXPECT_EQ(a.last_request().count("upgrade"), 0U);
  std::string old = handshake();
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  EXPECT_EQ(gateway.call(old).status(), 200);
  EXPECT_EQ(a.last_request().count("upgrade"), 0U);
}

TEST(WebSocketHandshake, H25A101ThatWasNotAskedForIsNoAnswer) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) { turn.socket().send(switching()); });
  const TestGateway gateway(yaml({a.url(), b.url()}, no_circuits));
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;invalid_response, b;200");
}

TEST(WebSocketHandshake, ARefusedOneGoesToTheNextMember) {
  for (const int status : {429, 503, 408}) {
    FakeBackend a, b;
    a.always_reply(status, retry_after_ms(5000));
    b.always(echo_websocket());
    const TestGateway gateway(yaml({a.url(), b.url()}));
    WebSocketClient client(gateway);
    EXPECT_TRUE(works(client)) << status;
    EXPECT_EQ(client.answer().header("x-attempts"), "a;" + std::to_string(status) + ", b;101");
  }
}

TEST(WebSocketHandshake, OneThatIsThrottledEverywhereGetsTheUsualAnswer) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(5000));
  b.always_reply(429, retry_after_ms(7000));
  const TestGateway gateway(yaml({a.url(), b.url()}));
  RawClient client = gateway.client();
  const Message answer = client.call(handshake());
  EXPECT_TRUE(is_gateway_error(answer, 503, "no_backend_available"));
  EXPECT_EQ(answer.header("retry-after"), "5");
}

TEST(WebSocketHandshake, AnotherRefusalIsRelayedAndTheConnectionGoesOn) {
  FakeBackend a;
  a.then_reply(401, {{"Content-Type", "application/json"}, {"apim-request-id", "r-7"}},
               "{\"error\":{\"code\":\"401\"}}");
  a.then_reply(404, {}, "{}");
  const TestGateway gateway(yaml({a.url()}));
  RawClient client = gateway.client();
  const Message refused = client.call(handshake());
  EXPECT_EQ(refused.status(), 401);
  EXPECT_EQ(refused.body, "{\"error\":{\"code\":\"401\"}}");
  EXPECT_EQ(refused.header("apim-request-id"), "r-7");
  EXPECT_EQ(refused.header("x-routed-backend"), "a");
  EXPECT_EQ(client.call(handshake()).status(), 404);
  a.then(echo_websocket());
  WebSocketClient third(std::move(client), handshake());
  EXPECT_TRUE(works(third)) << "on the same connection";
}

struct BadAnswer {
  const char* name;
  std::string bytes;
};
void PrintTo(const BadAnswer& bad, std::ostream* out) {
  *out << bad.name;
}
std::string altered(const std::string& from, const std::string& to) {
  std::string bytes = switching();
  return bytes.replace(bytes.find(from), from.size(), to);
}
class UnbelievableAnswer : public testing::TestWithParam<BadAnswer> {};
INSTANTIATE_TEST_SUITE_P(Each, UnbelievableAnswer,
                         testing::Values(BadAnswer{"Accept", altered("s3pPL", "S3pPL")},
                                         BadAnswer{"NoAccept", altered("Sec-WebSocket-Accept", "X-Accept")},
                                         BadAnswer{"Upgrade", altered("websocket", "h2c")},
                                         BadAnswer{"Connection", altered("Connection: Upgrade", "Connection: close")},
                                         BadAnswer{"Protocol", switching({{"Sec-WebSocket-Protocol", "other"}})},
                                         BadAnswer{"Cut", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs"},
                                         BadAnswer{"Garbage", "\x81\x05hello"}),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(UnbelievableAnswer, IsAnInvalidResponseAndTheNextMemberIsTried) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) {
    turn.socket().send(GetParam().bytes);
    turn.close();
  });
  b.always(echo_websocket());
  const TestGateway gateway(yaml({a.url(), b.url()}, no_circuits));
  WebSocketClient client(gateway);
  EXPECT_TRUE(works(client));
  const bool cut = std::string(GetParam().name) == "Cut";
  EXPECT_EQ(client.answer().header("x-attempts"), cut ? "a;reset, b;101" : "a;invalid_response, b;101");
}

TEST(WebSocketHandshake, AMemberThatCannotBeReachedIsPassedOver) {
  FakeBackend a, b;
  const std::string gone = a.url();
  a.refuse_connections();
  b.always(echo_websocket());
  const TestGateway gateway(yaml({gone, b.url()}));
  WebSocketClient client(gateway);
  EXPECT_TRUE(works(client));
  EXPECT_EQ(client.answer().header("x-attempts"), "a;connect, b;101");
}

TEST(WebSocketHandshake, AStaleConnectionIsNotAnAttempt) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}), one_worker());
  EXPECT_EQ(gateway.chat().status(), 200);
  a.then([](FakeBackend::Turn& turn) { turn.reset(); });
  a.then(echo_websocket());
  WebSocketClient client(gateway);
  EXPECT_TRUE(works(client));
  EXPECT_EQ(client.answer().header("x-attempts"), "a;101");
}

TEST(WebSocketHandshake, AFinishedTunnelIsNotUsedForAnotherRequest) {
  FakeBackend a;
  a.then(echo_websocket());
  const TestGateway gateway(yaml({a.url()}), one_worker());
  {
    WebSocketClient client(gateway);
    EXPECT_TRUE(works(client));
    client.end().close(1000);
    EXPECT_EQ(close_code(client.end().receive()), 1000);
  }
  EXPECT_EQ(gateway.chat().status(), 200);
  EXPECT_EQ(a.connection_count(), 2U);
}

TEST(WebSocketHandshake, TheModelOfTheQueryDecidesTheRoute) {
  FakeBackend a, b;
  a.always(echo_websocket());
  b.always(echo_websocket());
  const TestGateway gateway(
      clients_yaml() + backends_yaml({a.url(), b.url()}) +
      "pools:\n  - {name: rt, members: [{backend: a}]}\n  - {name: rest, members: [{backend: b}]}\n"
      "routes:\n  - {name: rt, match: {models: [\"*realtime*\"]}, pool: rt}\n"
      "  - {name: rest, match: {path: /openai}, pool: rest}\n");
  for (const char* target : {"/openai/realtime?deployment=my-realtime", "/openai/v1/realtime?model=gpt%2Drealtime"}) {
    WebSocketClient client(gateway, handshake(target));
    EXPECT_EQ(client.answer().header("x-routed-backend"), "a") << target;
  }
  for (const char* target :
       {"/openai/v1/responses", "/openai/v1/realtime?call_id=c", "/openai/realtime?deployment=x"}) {
    WebSocketClient client(gateway, handshake(target));
    EXPECT_EQ(client.answer().header("x-routed-backend"), "b") << target;
  }
}

TEST(WebSocketHandshake, TheModelIsCalledWhatTheBackendCallsItWhereItStands) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                            "\", auth: {api_key: k}, deployments: {gpt-realtime: \"my+rt\", \"*\": \"*\"}}]\n" +
                            pool_yaml("a"));
  const std::vector<std::pair<std::string, std::string>> targets = {
      {"/openai/realtime?api-version=1&deployment=gpt-realtime&x=1",
       "/openai/realtime?api-version=1&deployment=my%2Brt&x=1"},
      {"/openai/v1/realtime?model=gpt%2Drealtime", "/openai/v1/realtime?model=my%2Brt"},
      {"/openai/v1/realtime?model=other&intent=transcription", "/openai/v1/realtime?model=other&intent=transcription"},
      {"/openai/v1/realtime?model=o1&deployment=gpt-realtime&Model=o3",
       "/openai/v1/realtime?model=my%2Brt&deployment=my%2Brt&Model=my%2Brt"},
      {"/openai/v1/realtime?deployment=other&model=gpt-realtime", "/openai/v1/realtime?deployment=other&model=other"},
  };
  for (const auto& [asked, sent] : targets) {
    WebSocketClient client(gateway, handshake(asked));
    EXPECT_TRUE(works(client)) << asked;
    EXPECT_EQ(a.last_request().target(), sent);
  }
}

TEST(WebSocketHandshake, ATokenInTheQueryIsReadAndNotPassedOn) {
  FakeBackend a;
  a.always(echo_websocket());
  const TestGateway gateway(yaml({a.url()}));
  WebSocketClient client(gateway,
                         handshake_without_key("/openai/v1/realtime?model=gpt-4o&Authorization=Bearer+test-key"));
  EXPECT_TRUE(works(client));
  EXPECT_EQ(a.last_request().target(), "/openai/v1/realtime?model=gpt-4o");
}

TEST(WebSocketHandshake, AModelThatIsMissingOrUnknownIsRefusedAsAlways) {
  FakeBackend a;
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                            "\", deployments: {gpt-realtime: rt}}]\npools: [{name: p, members: [{backend: a}]}]\n"
                            "routes: [{name: r, match: {path: /openai, models: [\"gpt*\"]}, pool: p}]\n");
  RawClient client = gateway.client();
  EXPECT_TRUE(is_gateway_error(client.call(handshake("/openai/v1/realtime")), 400, "model_required"));
  EXPECT_TRUE(is_gateway_error(client.call(handshake("/openai/v1/realtime?model=o1")), 400, "model_not_found"));
  EXPECT_TRUE(is_gateway_error(client.call(handshake("/openai/v1/realtime?model=gpt-4")), 400, "model_not_found"));
  EXPECT_EQ(a.connection_count(), 0U);
}

TEST(WebSocketHandshake, PassesThroughTlsOnBothSides) {
  FakeBackend::Options options;
  options.tls = true;
  FakeBackend a(options);
  a.always(echo_websocket());
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() + "\", tls: {ca: \"" +
                                test_ca_file() + "\"}}]\n" + pool_yaml("a"),
                            with_listeners(https_listener(make_certificate())));
  Socket socket = Socket::connect(gateway.port());
  ASSERT_TRUE(socket.start_tls_client(test_ca_file(), "localhost"));
  WebSocketClient client{RawClient(std::move(socket)), handshake()};
  ASSERT_TRUE(works(client));
  const std::string audio(5 << 20, 'a');
  EXPECT_TRUE(client.end().send(Opcode::binary, audio));
  EXPECT_TRUE(client.end().receive()->payload == audio);
  client.end().close(1000);
  EXPECT_EQ(close_code(client.end().receive()), 1000);
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset()) << "close_notify before the end";
}

}  // namespace
}  // namespace spillway::test
