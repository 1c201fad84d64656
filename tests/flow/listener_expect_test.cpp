#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// `Expect: 100-continue` (RFC 9110 10.1.1).
namespace spillway::test {
namespace {

constexpr char target[] = "/openai/deployments/gpt-4o/chat/completions";
constexpr char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

std::string head(const Headers& headers, const std::string& key = "test-key") {
  Headers all = {{"api-key", key}, {"Expect", "100-continue"}};
  all.insert(all.end(), headers.begin(), headers.end());
  return request("POST", target, all);
}

class Expect : public testing::Test {
 protected:
  // What the client has been told so far: exactly this.
  static void expect_told(RawClient& client, const std::string& text) {
    ASSERT_TRUE(client.receive_until(text));
    EXPECT_EQ(client.unread(), text);
    EXPECT_EQ(client.receive(true).status(), 100);
  }
  FakeBackend backend_;
  TestGateway gateway_{clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a")};
};

TEST_F(Expect, H18AClientThatWaitsIsToldToGoOnAndThenAnswered) {
  RawClient client = gateway_.client();
  client.send(head({{"Content-Length", "2"}}));
  expect_told(client, go_on);
  EXPECT_EQ(backend_.request_count(), 0U);
  EXPECT_EQ(client.call("{}").status(), 200);
  EXPECT_EQ(backend_.requests().at(0).body, "{}");
  EXPECT_FALSE(backend_.requests().at(0).header("expect"));
  EXPECT_EQ(client.call(chat_request()).status(), 200);
}

TEST_F(Expect, H18AChunkedBodyIsWaitedForInTheSameWay) {
  RawClient client = gateway_.client();
  client.send(head({{"Transfer-Encoding", "chunked"}}));
  expect_told(client, go_on);
  EXPECT_EQ(client.call("2\r\n{}\r\n0\r\n\r\n").status(), 200);
  EXPECT_EQ(backend_.requests().at(0).body, "{}");
}

TEST_F(Expect, H18ABodyLargerThanTheReplayBufferIsWaitedForInTheSameWay) {
  RawClient client = gateway_.client();
  const std::string body = "{}" + std::string(40 << 20, ' ');
  client.send(head({{"Content-Length", std::to_string(body.size())}}));
  expect_told(client, go_on);
  EXPECT_EQ(client.call(body).status(), 200);
  EXPECT_EQ(backend_.requests().at(0).body.size(), body.size());
}

TEST_F(Expect, H18ABodySentAtOnceNeedsNoInterimAnswer) {
  RawClient client = gateway_.client();
  const Message answer = client.call(head({{"Content-Length", "2"}}) + "{}");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(client.call(chat_request()).status(), 200) << "no stray 100 in between";
}

TEST_F(Expect, H18AWrongKeyIsRefusedWithoutAskingForTheBody) {
  RawClient client = gateway_.client();
  client.send(head({{"Content-Length", "2"}}, "wrong-key"));
  const Message answer = client.receive();
  EXPECT_TRUE(is_gateway_error(answer, 401, "invalid_api_key"));
  EXPECT_EQ(answer.header("connection"), "close") << "whether a body follows is not known";
  EXPECT_EQ(client.socket().receive_all(), "");
  EXPECT_FALSE(client.socket().timed_out());
}

TEST_F(Expect, H18ATooLargeBodyIsRefusedWithoutAskingForIt) {
  RawClient client = gateway_.client();
  client.send(head({{"Content-Length", "99999999999"}}));
  EXPECT_TRUE(is_gateway_error(client.receive(), 413, "request_too_large"));
  EXPECT_EQ(client.socket().receive_all(), "");
}

TEST_F(Expect, H18AnUnknownExpectationIsRefused) {
  for (const char* expectation : {"200-ok", "100-continue, 200-ok", "100-continue, 100-continue", "100", ""}) {
    RawClient client = gateway_.client();
    client.send(request("POST", target, {{"api-key", "test-key"}, {"Expect", expectation}}, "{}"));
    EXPECT_TRUE(is_gateway_error(client.receive(), 417, "bad_request")) << expectation;
    EXPECT_EQ(client.socket().receive_all(), "");
  }
  EXPECT_EQ(backend_.connection_count(), 0U);
}

TEST_F(Expect, H18ADoubledExpectationIsAnsweredOnce) {
  RawClient client = gateway_.client();
  client.send(head({{"Expect", "100-Continue"}, {"Content-Length", "2"}}));
  expect_told(client, go_on);
  EXPECT_EQ(client.call("{}").status(), 200);
  EXPECT_EQ(backend_.requests().at(0).count("expect"), 0U);
  EXPECT_EQ(client.call(chat_request()).status(), 200) << "no second 100 in between";
}

TEST_F(Expect, H18ARequestWithoutABodyIsNotToldToGoOn) {
  RawClient client = gateway_.client();
  EXPECT_EQ(client.call(request("GET", target, {{"api-key", "test-key"}, {"Expect", "100-continue"}})).status(), 200);
}

TEST_F(Expect, H18AnOldClientIsNotToldToGoOn) {
  std::string old = head({{"Content-Length", "2"}, {"Connection", "keep-alive"}});
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  RawClient client = gateway_.client();
  client.send(old);
  client.send("{}");
  EXPECT_EQ(client.receive().status(), 200) << "HTTP/1.0 knows no 100";
}

}  // namespace
}  // namespace spillway::test
