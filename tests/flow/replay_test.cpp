#include <gtest/gtest.h>

#include <thread>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

constexpr char v1_chat[] = "/openai/v1/chat/completions";

std::string three(const FakeBackend& a, const FakeBackend& b, const FakeBackend& c, const std::string& more = "") {
  return clients_yaml() + backends_yaml({a.url(), b.url(), c.url()}) +
         pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}, {backend: c, priority: 3}", no_circuits) +
         "response_headers: {attempts: true}\n" + more;
}

Headers json_headers() {
  return {{"api-key", "test-key"}, {"Content-Type", "application/json"}};
}

TEST(Replay, AMegabyteReachesTheThirdMemberByteForByte) {
  FakeBackend a, b, c;
  a.always_reply(500);
  b.always([](FakeBackend::Turn& turn) { turn.reset(); });
  const TestGateway gateway(three(a, b, c));
  const std::string body = long_chat_body(1 << 20);
  const Message answer = gateway.call(request("POST", v1_chat, json_headers(), body));
  EXPECT_EQ(answer.header("x-attempts"), "a;500, b;reset, c;200");
  for (FakeBackend* backend : {&a, &b, &c}) {
    const std::vector<Message> got = backend->requests();
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].header("content-length"), std::to_string(body.size()));
    EXPECT_EQ(sha256_hex(got[0].body), sha256_hex(body));
  }
}

TEST(Replay, BytesThatAreNoTextReachTheBackendUnchanged) {
  FakeBackend a, b, c;
  a.always_reply(502);
  const TestGateway gateway(three(a, b, c));
  const std::string body = noise(300'000);
  const Message answer =
      gateway.call(request("POST", "/openai/deployments/whisper/audio/transcriptions",
                           {{"api-key", "test-key"}, {"Content-Type", "application/octet-stream"}}, body));
  EXPECT_EQ(answer.header("x-attempts"), "a;502, b;200");
  ASSERT_EQ(b.request_count(), 1U);
  EXPECT_EQ(sha256_hex(b.requests()[0].body), sha256_hex(body));
}

TEST(Replay, AChunkedRequestIsSentOnWithItsLength) {
  FakeBackend a, b, c;
  a.always_reply(503);
  const TestGateway gateway(three(a, b, c));
  const std::string body = long_chat_body(200'000);
  Headers headers = json_headers();
  headers.emplace_back("Transfer-Encoding", "chunked");
  const Message answer = gateway.call(request("POST", v1_chat, headers) + in_chunks(body, 1000));
  EXPECT_EQ(answer.header("x-attempts"), "a;503, b;200");
  for (FakeBackend* backend : {&a, &b}) {
    const std::vector<Message> got = backend->requests();
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].header("content-length"), std::to_string(body.size()));
    EXPECT_FALSE(got[0].header("transfer-encoding"));
    EXPECT_EQ(sha256_hex(got[0].body), sha256_hex(body));
  }
}

TEST(Replay, NothingReachesABackendBeforeTheBodyIsWhole) {
  FakeBackend a, b, c;
  const TestGateway gateway(three(a, b, c));
  const std::string bytes = chat_request();
  RawClient client = gateway.client();
  client.send(bytes.substr(0, bytes.size() - 1));
  EXPECT_EQ(gateway.chat().status(), 200) << "another request passes meanwhile";
  EXPECT_EQ(a.connection_count() + b.connection_count() + c.connection_count(), 1U);
  EXPECT_EQ(client.call(bytes.substr(bytes.size() - 1)).status(), 200);
}

TEST(Replay, ABodyOfExactlyTheBufferIsStillReplayedAndOneByteMoreIsNot) {
  FakeBackend a, b, c;
  a.always_reply(500, {}, "a");
  b.always_reply(500, {}, "b");
  const TestGateway gateway(three(a, b, c, "limits: {replay_buffer: 64KiB}\n"));
  std::string body = long_chat_body(65'536 - long_chat_body(0).size());
  ASSERT_EQ(body.size(), 65'536U);
  EXPECT_EQ(gateway.call(request("POST", v1_chat, json_headers(), body)).header("x-attempts"), "a;500, b;500, c;200");
  body += ' ';
  EXPECT_EQ(gateway.call(request("POST", v1_chat, json_headers(), body)).header("x-attempts"), "a;500");
}

TEST(Replay, TheSameHoldsForAChunkedBody) {
  FakeBackend a, b, c;
  a.always_reply(500, {}, "a");
  const TestGateway gateway(three(a, b, c, "limits: {replay_buffer: 64KiB}\n"));
  std::string body = long_chat_body(65'536 - long_chat_body(0).size());
  Headers headers = json_headers();
  headers.emplace_back("Transfer-Encoding", "chunked");
  EXPECT_EQ(gateway.call(request("POST", v1_chat, headers) + in_chunks(body, 9'999)).header("x-attempts"),
            "a;500, b;200");
  body += ' ';
  EXPECT_EQ(gateway.call(request("POST", v1_chat, headers) + in_chunks(body, 9'999)).header("x-attempts"), "a;500");
  ASSERT_EQ(a.request_count(), 2U);
  EXPECT_EQ(a.requests()[1].body, body);
  EXPECT_TRUE(a.requests()[1].chunked);
}

}  // namespace
}  // namespace spillway::test
