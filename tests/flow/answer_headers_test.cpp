#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// An answer as the client sees it.
namespace spillway::test {
namespace {

std::string one(const FakeBackend& a, const std::string& more = "") {
  return clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a") + more;
}

TEST(AnswerHeaders, T12EverythingOfTheBackendPassesInOrder) {
  FakeBackend a;
  const Headers sent = {{"apim-request-id", "11"},
                        {"X-Ratelimit-Remaining-Tokens", "100"},
                        {"x-request-id", "22"},
                        {"Set-Cookie", "a=1"},
                        {"Set-Cookie", "b=2"},
                        {"Strict-Transport-Security", "max-age=1"},
                        {"x-ms-region", "East US"},
                        {"Date", "Mon, 01 Jan 2024 00:00:00 GMT"},
                        {"Content-Type", "application/json; charset=utf-8"}};
  a.always_reply(200, sent, "{}");
  const TestGateway gateway(one(a));
  const Message answer = gateway.chat();
  Headers expected = sent;
  expected.insert(expected.end(), {{"x-routed-backend", "a"},
                                   {"x-routing-strategy", "round_robin"},
                                   {"x-circuit-state", "closed"},
                                   {"Content-Length", "2"}});
  EXPECT_EQ(answer.headers, expected);
}

TEST(AnswerHeaders, TheRegionIsTheBackendsElseTheConfigurations) {
  FakeBackend a;
  a.then_reply(200, {{"X-MS-Region", "Sweden Central"}}).then_reply(200);
  const TestGateway gateway(one(a));
  const Message with = gateway.chat();
  EXPECT_EQ(with.header("x-ms-region"), "Sweden Central");
  EXPECT_EQ(with.count("x-ms-region"), 1U);
  EXPECT_EQ(gateway.chat().header("x-ms-region"), "Region A");
}

TEST(AnswerHeaders, T12TheGatewaysOwnFieldsCannotBeForged) {
  FakeBackend a;
  a.always_reply(200, {{"X-Routed-Backend", "forged"},
                       {"x-routing-strategy", "forged"},
                       {"x-circuit-state", "forged"},
                       {"x-attempts", "forged;200"}});
  const TestGateway gateway(one(a));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.raw_head.find("forged"), std::string::npos);
  EXPECT_EQ(answer.header("x-routed-backend"), "a");
  EXPECT_FALSE(answer.header("x-attempts"));
}

TEST(AnswerHeaders, EachOfThemCanBeSwitched) {
  FakeBackend a;
  a.always_reply(200, {{"x-routed-backend", "forged"}});
  const TestGateway gateway(one(a,
                                "response_headers: {region: false, routed_backend: false, routing_strategy: false, "
                                "circuit_state: false, attempts: true}\n"));
  const Message answer = gateway.chat();
  for (const char* off : {"x-ms-region", "x-routed-backend", "x-routing-strategy", "x-circuit-state"})
    EXPECT_FALSE(answer.header(off)) << off;
  EXPECT_EQ(answer.header("x-attempts"), "a;200");
}

TEST(AnswerHeaders, H16T12HopByHopFieldsAndThoseNamedInConnectionAreDropped) {
  FakeBackend a;
  a.always_reply(200, {{"Connection", "keep-alive, x-inner"},
                       {"x-inner", "1"},
                       {"Keep-Alive", "timeout=5"},
                       {"Proxy-Authenticate", "Basic"},
                       {"Upgrade", "h2c"},
                       {"x-outer", "2"}});
  const TestGateway gateway(one(a));
  const Message answer = gateway.chat();
  for (const char* dropped : {"connection", "x-inner", "keep-alive", "proxy-authenticate", "upgrade"})
    EXPECT_FALSE(answer.header(dropped)) << dropped;
  EXPECT_EQ(answer.header("x-outer"), "2");
}

TEST(AnswerHeaders, TheReasonPhrasePasses) {
  FakeBackend a;
  a.always(
      [](FakeBackend::Turn& turn) { turn.socket().send("HTTP/1.1 404 No Such Thing\r\nContent-Length: 0\r\n\r\n"); });
  const TestGateway gateway(one(a));
  EXPECT_EQ(gateway.chat().start_line, "HTTP/1.1 404 No Such Thing");
}

TEST(AnswerHeaders, H19AHeadRequestGetsTheLengthAndNoBody) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) { turn.socket().send("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"); });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  const std::string bytes = request("HEAD", "/openai/v1/models", {{"api-key", "test-key"}});
  for (int i = 0; i < 3; ++i) {
    client.send(bytes);
    const Message answer = client.receive(true);
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.header("content-length"), "1234");
    EXPECT_TRUE(client.unread().empty());
  }
}

TEST(AnswerHeaders, H19H25AnswersWithoutABodyByTheirStatusHaveNone) {
  FakeBackend a;
  for (int i = 0; i < 2; ++i) {
    a.then([](FakeBackend::Turn& turn) { turn.socket().send("HTTP/1.1 204 No Content\r\n\r\n"); });
    a.then([](FakeBackend::Turn& turn) {
      turn.socket().send("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 99\r\n\r\n");
    });
  }
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  for (int i = 0; i < 2; ++i) {
    const Message empty = client.call(chat_request());
    EXPECT_EQ(empty.status(), 204);
    EXPECT_FALSE(empty.header("content-length"));
    EXPECT_FALSE(empty.header("transfer-encoding"));
    const Message unmodified = client.call(chat_request());
    EXPECT_EQ(unmodified.status(), 304);
    EXPECT_EQ(unmodified.header("etag"), "\"x\"");
  }
}

TEST(AnswerHeaders, AnAnswerEndedByCloseIsChunkedForTheClient) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nto the end");
    turn.close();
  });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  for (int i = 0; i < 2; ++i) {
    const Message answer = client.call(chat_request());
    EXPECT_TRUE(answer.chunked);
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body, "to the end");
  }
}

std::string old_request(const std::string& connection = "") {
  return "POST /openai/v1/responses HTTP/1.0\r\nHost: x\r\napi-key: test-key\r\n" + connection +
         "Content-Length: 2\r\n\r\n{}";
}

TEST(AnswerHeaders, H19AnOldClientGetsNoChunks) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    turn.chunk("one ");
    turn.chunk("two");
    turn.end_stream();
  });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  const Message answer = client.call(old_request("Connection: keep-alive\r\n"));
  EXPECT_FALSE(answer.header("transfer-encoding"));
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(answer.body, "one two");
  EXPECT_EQ(a.requests().at(0).start_line, "POST /openai/v1/responses HTTP/1.1");
}

TEST(AnswerHeaders, H19AnOldClientGetsNoBodyWhereThereIsNone) {
  FakeBackend a;
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    a.then([status](FakeBackend::Turn& turn) {
      turn.socket().send("HTTP/1.1 " + std::string(status) + "\r\nETag: \"x\"\r\n\r\n");
    });
  }
  a.then([](FakeBackend::Turn& turn) { turn.socket().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"); });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  const std::string asking = old_request("Connection: keep-alive\r\n");
  for (const int status : {204, 304}) {
    const Message answer = client.call(asking);
    EXPECT_EQ(answer.status(), status);
    EXPECT_EQ(answer.header("connection"), "keep-alive");
    EXPECT_FALSE(answer.header("transfer-encoding"));
  }
  client.send("HEAD /openai/v1/models HTTP/1.0\r\napi-key: test-key\r\nConnection: keep-alive\r\n\r\n");
  const Message head = client.receive(true);
  EXPECT_EQ(head.status(), 200);
  EXPECT_FALSE(head.header("transfer-encoding"));
  EXPECT_TRUE(client.unread().empty());
  if (head.header("connection") == "close") client = gateway.client();
  EXPECT_EQ(client.call(asking).status(), 200) << "nothing is left over from those before";
}

TEST(AnswerHeaders, H19AnOldClientKeepsItsConnectionWhenItAsksAndTheLengthIsKnown) {
  FakeBackend a;
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  for (int i = 0; i < 2; ++i) {
    const Message answer = client.call(old_request("Connection: keep-alive\r\n"));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.header("connection"), "keep-alive");
  }
  EXPECT_EQ(client.call(old_request()).status(), 200);
  EXPECT_EQ(client.socket().receive(), "") << "closed after that one";
}

TEST(AnswerHeaders, H19ACutAnswerNeverLooksWholeToAnOldClient) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    turn.chunk("one ");
    turn.wait_for_release();
    turn.close();
  });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  client.send(old_request());
  ASSERT_TRUE(client.receive_until("one "));
  a.release();
  client.receive();
  EXPECT_TRUE(client.socket().was_reset()) << "an orderly end would be the end of the answer";
}

}  // namespace
}  // namespace spillway::test
