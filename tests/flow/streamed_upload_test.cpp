#include <gtest/gtest.h>
#include <poll.h>

#include <mutex>
#include <thread>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// Bodies larger than `replay_buffer`: streamed, one attempt.
namespace spillway::test {
namespace {

std::string yaml(const std::vector<std::string>& urls, const std::string& pool_more = no_circuits) {
  std::string members;
  for (std::size_t i = 0; i < urls.size(); ++i) members += static_cast<char>('a' + i);
  return clients_yaml() + backends_yaml(urls) + pool_yaml(members, pool_more) +
         "response_headers: {attempts: true}\nlimits: {replay_buffer: 64KiB}\n";
}

std::string upload_head(const std::string& framing) {
  return "POST /openai/v1/files HTTP/1.1\r\nHost: gateway.test\r\napi-key: test-key\r\n"
         "Content-Type: application/octet-stream\r\n" +
         framing + "\r\n\r\n";
}

std::string length(std::size_t size) {
  return "Content-Length: " + std::to_string(size);
}

// Answers when it has the head, before the body; then reads on, or closes at once.
std::function<void(Socket&)> refuses_early(const std::string& answer, bool reads_on) {
  return [answer, reads_on](Socket& socket) {
    std::string got;
    while (got.find("\r\n\r\n") == std::string::npos) {
      const std::string piece = socket.receive();
      if (piece.empty()) return;
      got += piece;
    }
    socket.send(answer);
    if (!reads_on) return socket.close();
    while (!socket.receive().empty()) {
    }
  };
}

constexpr char early_413[] =
    "HTTP/1.1 413 Too Large\r\nContent-Type: application/json\r\nContent-Length: 7\r\nConnection: "
    "close\r\n\r\n\"large\"";

TEST(StreamedUpload, ALongBodyArrivesByteForByteWithItsLength) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}));
  const std::string body = noise(3 << 20);
  EXPECT_EQ(gateway.call(upload_head(length(body.size())) + body).status(), 200);
  ASSERT_EQ(a.request_count(), 1U);
  EXPECT_EQ(sha256_hex(a.requests()[0].body), sha256_hex(body));
  EXPECT_EQ(a.requests()[0].header("content-length"), std::to_string(body.size()));
}

TEST(StreamedUpload, ALongChunkedBodyArrivesByteForByteInChunks) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}));
  const std::string body = noise(3 << 20);
  EXPECT_EQ(gateway.call(upload_head("Transfer-Encoding: chunked") + in_chunks(body, 100'001)).status(), 200);
  ASSERT_EQ(a.request_count(), 1U);
  EXPECT_TRUE(a.requests()[0].chunked);
  EXPECT_EQ(a.requests()[0].count("content-length"), 0U);
  EXPECT_EQ(sha256_hex(a.requests()[0].body), sha256_hex(body));
}

TEST(StreamedUpload, ItReachesTheBackendWhileTheClientIsStillSending) {
  FakeBackend a;
  std::string got;
  std::mutex mutex;
  a.on_connect([&](Socket& socket) {
    for (std::string piece = socket.receive(); !piece.empty(); piece = socket.receive()) {
      const std::lock_guard lock(mutex);
      got += piece;
    }
  });
  const TestGateway gateway(yaml({a.url()}));
  const std::string body = noise(200'000);
  RawClient client = gateway.client();
  client.send(upload_head(length(2 * body.size())) + body);
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return got.ends_with(body);
  })) << "half of the body is there, the client has not sent the rest";
}

TEST(StreamedUpload, ARetryableAnswerIsRelayedBecauseThereIsOneAttemptOnly) {
  FakeBackend a, b;
  a.always_reply(429, retry_after_ms(10), "busy");
  const TestGateway gateway(yaml({a.url(), b.url()}));
  const std::string body = noise(300'000);
  const Message answer = gateway.call(upload_head(length(body.size())) + body);
  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.body, "busy");
  EXPECT_EQ(answer.header("x-attempts"), "a;429");
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(StreamedUpload, U11AFailureIsABadGatewayBecauseThereIsOneAttemptOnly) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) { turn.reset(); });
  const TestGateway gateway(yaml({a.url(), b.url()}));
  const std::string body = noise(300'000);
  EXPECT_TRUE(is_gateway_error(gateway.call(upload_head(length(body.size())) + body), 502, "upstream_error"));
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(StreamedUpload, U25AnAnswerBeforeTheEndOfTheBodyIsRelayedAndTheUploadStops) {
  for (const bool reads_on : {true, false}) {
    FakeBackend a;
    a.on_connect(refuses_early(early_413, reads_on));
    const TestGateway gateway(yaml({a.url()}));
    RawClient client = gateway.client();
    client.send(upload_head(length(100 << 20)));
    std::thread sender([&] {
      const std::string piece = noise(64 << 10);
      // The gateway stops reading, or closes, long before the end.
      for (int i = 0; i < 1600 && client.socket().send(piece); ++i) {
      }
    });
    const Message answer = client.receive();
    EXPECT_EQ(answer.status(), 413) << reads_on;
    EXPECT_EQ(answer.body, "\"large\"");
    EXPECT_EQ(answer.header("x-attempts"), "a;413");
    sender.join();
    EXPECT_TRUE(a.wait_for_closed(1));
  }
}

TEST(StreamedUpload, H18ABackendThatRefusesBeforeTheBodyLeavesNothingBehindForTheNextRequest) {
  for (const std::size_t size : {std::size_t{2}, std::size_t{300'000}}) {
    FakeBackend a;
    a.on_connect(refuses_early(early_413, false));
    const TestGateway gateway(yaml({a.url()}));
    RawClient client = gateway.client();
    client.send(upload_head("Expect: 100-continue\r\n" + length(size)));
    EXPECT_EQ(client.receive(true).status(), 100);
    client.send(std::string(size, 'x'));
    const Message answer = client.receive();
    EXPECT_EQ(answer.status(), 413) << size;
    EXPECT_EQ(answer.body, "\"large\"");
    EXPECT_TRUE(a.wait_for_closed(1));
    a.on_connect({});
    if (answer.header("connection") == "close") client = gateway.client();
    EXPECT_EQ(client.call(chat_request()).status(), 200);
    EXPECT_EQ(a.request_count(), 1U);
    EXPECT_EQ(a.last_request().count("expect"), 0U);
  }
}

TEST(StreamedUpload, U25AnAnswerThatCameWhileTheClientPausedIsRelayedWithTheNextBytes) {
  FakeBackend a;
  a.on_connect(refuses_early("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", true));
  const TestGateway gateway(yaml({a.url()}));
  RawClient client = gateway.client();
  const std::string part = noise(100'000);
  client.send(upload_head(length(1 << 20)) + part);
  ASSERT_TRUE(a.wait_for_connections(1));
  // Small pieces, none of which fills a buffer.
  pollfd readable{client.socket().descriptor(), POLLIN, 0};
  for (int i = 0; i < 900'000 && ::poll(&readable, 1, 0) == 0; ++i) client.send("x");
  const Message answer = client.receive();
  EXPECT_EQ(answer.status(), 401);
}

TEST(StreamedUpload, U25AConnectionWhoseRequestWasCutShortIsNotUsedAgain) {
  FakeBackend a;
  a.on_connect(refuses_early("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", true));
  const TestGateway gateway(yaml({a.url()}));
  RawClient client = gateway.client();
  client.send(upload_head(length(50 << 20)));
  std::thread sender([&] {
    const std::string piece = noise(64 << 10);
    for (int i = 0; i < 800 && client.socket().send(piece); ++i) {
    }
  });
  EXPECT_EQ(client.receive().status(), 401);
  EXPECT_TRUE(a.wait_for_closed(1));
  sender.join();
}

TEST(StreamedUpload, U29AClientThatLeavesWhileUploadingEndsTheAttempt) {
  FakeBackend a, b;
  const TestGateway gateway(yaml({a.url(), b.url()}, "retry: {}"));
  {
    RawClient client = gateway.client();
    client.send(upload_head(length(1 << 20)) + noise(300'000));
    ASSERT_TRUE(a.wait_for_connections(1));
  }
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_EQ(b.connection_count(), 0U);
  EXPECT_TRUE(eventually([&] { return member_of(gateway.status(), 0)["in_flight"] == 0; }));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
}

TEST(StreamedUpload, U29AClientThatLeavesAfterTheUploadEndsTheWaitForTheAnswer) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) { turn.wait_for_close(); });
  const TestGateway gateway(yaml({a.url()}, "retry: {}"));
  {
    RawClient client = gateway.client();
    const std::string body = noise(300'000);
    client.send(upload_head(length(body.size())) + body);
    ASSERT_TRUE(a.wait_for_requests(1));
  }
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
}

TEST(StreamedUpload, AClientThatIsTooSlowIsToldSoAndTheBackendIsNotBlamed) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}, "retry: {}") + "timeouts: {request_body_idle: 100ms}\n");
  RawClient client = gateway.client();
  client.send(upload_head(length(1 << 20)) + noise(300'000));
  EXPECT_TRUE(is_gateway_error(client.receive(), 408, "request_timeout"));
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
}

TEST(StreamedUpload, ABrokenChunkedBodyIsRefusedAndTheBackendSeesNoEnd) {
  FakeBackend a;
  const TestGateway gateway(yaml({a.url()}, "retry: {}"));
  RawClient client = gateway.client();
  const std::string chunks = in_chunks(noise(300'000), 50'000);
  client.send(upload_head("Transfer-Encoding: chunked") + chunks.substr(0, chunks.size() - 5) + "nonsense\r\n");
  EXPECT_TRUE(is_gateway_error(client.receive(), 400, "bad_request"));
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_EQ(a.request_count(), 0U);
}

TEST(StreamedUpload, AMappedModelAtTheBeginningIsReplacedAndTheLengthAdjusted) {
  FakeBackend a;
  const TestGateway gateway(clients_yaml() + "backends:\n  - {name: a, url: \"" + a.url() +
                            "\", deployments: {gpt-4o: gpt-4o-in-this-region}}\n" + pool_yaml("a") +
                            "limits: {replay_buffer: 64KiB}\n");
  const std::string tail = ",\"messages\":\"" + std::string(200'000, 'x') + "\"}";
  const std::string body = "{\"model\":\"gpt-4o\"" + tail;
  EXPECT_EQ(gateway
                .call(request("POST", "/openai/v1/chat/completions",
                              {{"api-key", "test-key"}, {"Content-Type", "application/json"}}, body))
                .status(),
            200);
  ASSERT_EQ(a.request_count(), 1U);
  EXPECT_EQ(a.requests()[0].body, "{\"model\":\"gpt-4o-in-this-region\"" + tail);
}

}  // namespace
}  // namespace spillway::test
