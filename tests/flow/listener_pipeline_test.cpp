#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// Several requests on one client connection.
namespace spillway::test {
namespace {

// Answers with what it was asked.
void echo(FakeBackend::Turn& turn) {
  turn.reply(200, {}, turn.request().header("x-number").value_or("none"));
}

std::string numbered(int number, const Headers& more = {}) {
  Headers headers = {{"x-number", std::to_string(number)}};
  headers.insert(headers.end(), more.begin(), more.end());
  return chat_request("gpt-4o", headers);
}

class Pipeline : public testing::Test {
 protected:
  static void expect_end(RawClient& client) {
    EXPECT_TRUE(client.unread().empty()) << client.unread();
    EXPECT_EQ(client.socket().receive_all(), "");
    EXPECT_FALSE(client.socket().timed_out());
  }

  Pipeline() { backend_.always(echo); }
  FakeBackend backend_;
  TestGateway gateway_{clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a")};
};

class PipelineOf : public Pipeline, public testing::WithParamInterface<int> {};

TEST_P(PipelineOf, H20RequestsSentAtOnceAreAnsweredInOrder) {
  RawClient client = gateway_.client();
  std::string all;
  for (int i = 0; i < GetParam(); ++i) all += numbered(i);
  client.send(all);
  for (int i = 0; i < GetParam(); ++i) ASSERT_EQ(client.receive().body, std::to_string(i));
  EXPECT_EQ(client.call(numbered(-1)).body, "-1") << "the connection goes on";
}
INSTANTIATE_TEST_SUITE_P(Counts, PipelineOf, testing::Values(2, 10, 100, 1000));

TEST_F(Pipeline, H20PipelinedBodiesOfAllFramingsAreToldApart) {
  RawClient client = gateway_.client();
  const std::string chunked = request("POST", "/openai/deployments/gpt-4o/chat/completions",
                                      {{"api-key", "test-key"}, {"x-number", "2"}, {"Transfer-Encoding", "chunked"}}) +
                              "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
  const std::string none = request("GET", "/openai/deployments/gpt-4o/x", {{"api-key", "test-key"}, {"x-number", "3"}});
  const std::string large = request("POST", "/openai/deployments/gpt-4o/chat/completions",
                                    {{"api-key", "test-key"}, {"x-number", "4"}}, std::string(300'000, ' ') + "{}");
  client.send(numbered(1) + chunked + none + large + numbered(5));
  for (int i = 1; i <= 5; ++i) ASSERT_EQ(client.receive().body, std::to_string(i));
}

TEST_F(Pipeline, H20ABadRequestBehindAGoodOneIsRefusedAfterTheGoodOnesAnswer) {
  RawClient client = gateway_.client();
  client.send(numbered(1) + "GET / HTTP/1.1\r\nbad line\r\n\r\n" + numbered(2));
  EXPECT_EQ(client.receive().body, "1");
  EXPECT_TRUE(is_gateway_error(client.receive(), 400, "bad_request"));
  expect_end(client);
  EXPECT_EQ(backend_.request_count(), 1U) << "nothing behind the bad one is looked at";
}

TEST_F(Pipeline, H20GarbageBehindAGoodRequestIsRefusedAfterTheGoodOnesAnswer) {
  std::size_t asked = 0;
  for (const std::string& garbage : {std::string("\x16\x03\x01\x02\x00", 5), std::string("\0\0\0", 3),
                                     std::string("}{\r\n"), std::string("HTTP/1.1 200 OK\r\n"), std::string("\r\n\r\n"),
                                     std::string("0\r\n\r\n"), std::string("\xFF\xFE\r\n")}) {
    RawClient client = gateway_.client();
    client.send(numbered(1) + garbage + numbered(2));
    EXPECT_EQ(client.receive().body, "1");
    EXPECT_TRUE(is_gateway_error(client.receive(), 400, "bad_request"));
    expect_end(client);
    EXPECT_EQ(backend_.request_count(), ++asked);
  }
}

TEST_F(Pipeline, H20ARefusalHasItsBodyAlsoBehindAHeadRequest) {
  const std::string asking = request("HEAD", "/openai/deployments/gpt-4o/x", {{"api-key", "test-key"}});
  for (const char* bad : {"0\r\n\r\n", "GET\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
    RawClient client = gateway_.client();
    client.send(asking + bad);
    EXPECT_EQ(client.receive(true).status(), 200);
    EXPECT_TRUE(is_gateway_error(client.receive(), 400, "bad_request"));
    expect_end(client);
  }
  RawClient client = gateway_.client();
  client.send(asking + "HEAD / HTTP/1.1\r\nHost : x\r\n\r\n");
  EXPECT_EQ(client.receive(true).status(), 200);
  EXPECT_EQ(client.receive(true).status(), 400);
  expect_end(client);
}

TEST_F(Pipeline, H20NothingIsReadBehindARequestThatClosesTheConnection) {
  RawClient client = gateway_.client();
  client.send(numbered(1, {{"Connection", "close"}}) + numbered(2));
  const Message answer = client.receive();
  EXPECT_EQ(answer.body, "1");
  EXPECT_EQ(answer.header("connection"), "close");
  expect_end(client);
  EXPECT_EQ(backend_.request_count(), 1U);
}

TEST_F(Pipeline, H19AnOldClientThatAsksForKeepAliveGetsIt) {
  RawClient client = gateway_.client();
  std::string old = numbered(1, {{"Connection", "keep-alive"}});
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  const Message first = client.call(old);
  EXPECT_EQ(first.body, "1");
  EXPECT_EQ(first.header("connection"), "keep-alive");
  EXPECT_EQ(client.call(numbered(2)).body, "2");
}

TEST_F(Pipeline, H19AnOldClientGetsNoChunks) {
  backend_.then([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    turn.chunk("one");
    turn.chunk("two");
    turn.end_stream();
  });
  RawClient client = gateway_.client();
  std::string old = numbered(1, {{"Connection", "keep-alive"}});
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  const Message answer = client.call(old);
  EXPECT_FALSE(answer.header("transfer-encoding"));
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(answer.body, "onetwo") << "ended by the end of the connection";
}

TEST_F(Pipeline, H20BytesOfTheNextRequestMayComeWhileAnAnswerIsStillStreaming) {
  backend_.then([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    turn.chunk("first");
    turn.wait_for_release();
    turn.chunk("last");
    turn.end_stream();
  });
  RawClient client = gateway_.client();
  client.send(numbered(1));
  ASSERT_TRUE(client.receive_until("first"));
  // More than the gateway keeps while it is busy.
  std::string more;
  for (int i = 0; i < 1000; ++i) more += numbered(i);
  client.send(more);
  backend_.release();
  EXPECT_EQ(client.receive().body, "firstlast");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.receive().body, std::to_string(i));
}

TEST_F(Pipeline, AnAnswerMadeByTheGatewayLeavesTheConnectionUsable) {
  RawClient client = gateway_.client();
  const std::string target = "/openai/deployments/gpt-4o/chat/completions";
  for (const std::string& body : {std::string("{}"), std::string(1 << 20, 'x')}) {
    EXPECT_EQ(client.call(request("POST", target, {{"api-key", "wrong"}}, body)).status(), 401) << body.size();
    EXPECT_EQ(client.call(numbered(1)).body, "1");
  }
  const std::string chunked =
      request("POST", target, {{"Transfer-Encoding", "chunked"}}) + "5\r\nhello\r\n0\r\nx: y\r\n\r\n";
  client.send(chunked + numbered(2));
  EXPECT_EQ(client.receive().status(), 401);
  EXPECT_EQ(client.receive().body, "2") << "the body nobody wanted was read to its end";
}

TEST_F(Pipeline, ABodyNobodyWantsAndThatIsTooLargeToReadAwayClosesTheConnection) {
  RawClient client = gateway_.client();
  client.send(request("POST", "/openai/x", {{"api-key", "wrong"}, {"Content-Length", "100000000"}}) + "beginning");
  const Message answer = client.receive();
  EXPECT_EQ(answer.status(), 401);
  EXPECT_EQ(answer.header("connection"), "close");
  expect_end(client);
}

TEST_F(Pipeline, H19AHeadAnswerHasNoBodyAndTheConnectionGoesOn) {
  RawClient client = gateway_.client();
  client.send(request("HEAD", "/openai/deployments/gpt-4o/x", {{"api-key", "wrong"}}) + numbered(1));
  EXPECT_EQ(client.receive(true).status(), 401);
  EXPECT_EQ(client.receive().body, "1");
}

}  // namespace
}  // namespace spillway::test
