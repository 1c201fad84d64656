#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <functional>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "memory.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

std::string one(const FakeBackend& a, const std::string& more = "") {
  return clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a") + more;
}

std::string event(int number) {
  return "data: {\"number\":" + std::to_string(number) + "}\n\n";
}

TEST(Stream, TheHeadIsDeliveredBeforeThereIsAnyEvent) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}, {"x-ms-region", "West"}});
    turn.wait_for_release();
    turn.end_stream();
  });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("\r\n\r\n"));
  EXPECT_TRUE(client.unread().starts_with("HTTP/1.1 200 OK\r\n"));
  a.release();
  EXPECT_TRUE(client.receive().complete);
}

TEST(Stream, U21EachEventArrivesBeforeTheNextIsSent) {
  constexpr int events = 20;
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    for (int i = 0; i < events; ++i) {
      turn.chunk(event(i));
      if (!turn.wait_for_release()) return;
    }
    turn.end_stream();
  });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  client.send(chat_request());
  for (int i = 0; i < events; ++i) {
    ASSERT_TRUE(client.receive_until(event(i))) << i;
    a.release();
  }
  const Message answer = client.receive();
  EXPECT_TRUE(answer.complete);
  std::string all;
  for (int i = 0; i < events; ++i) all += event(i);
  EXPECT_EQ(answer.body, all);
}

TEST(Stream, U21PiecesOfAnEventPassAsTheyComeAlsoInsideACharacter) {
  FakeBackend a;
  const std::string pieces[] = {"da", "ta: \xE2", "\x82", "\xAC\n", "\n"};
  a.always([&](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    for (const std::string& piece : pieces) {
      turn.chunk(piece);
      if (!turn.wait_for_release()) return;
    }
    turn.end_stream();
  });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  client.send(chat_request());
  for (const std::string& piece : pieces) {
    ASSERT_TRUE(client.receive_until(piece + "\r\n"));
    a.release();
  }
  EXPECT_EQ(client.receive().body, "data: \xE2\x82\xAC\n\n");
}

TEST(Stream, AnAnswerWithALengthIsNotHeldBackEither) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
    if (turn.wait_for_release()) turn.socket().send("later");
  });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("first"));
  a.release();
  const Message answer = client.receive();
  EXPECT_EQ(answer.header("content-length"), "10");
  EXPECT_EQ(answer.body, "firstlater");
}

TEST(Stream, CompressedBodiesPassUntouched) {
  FakeBackend a;
  const std::string packed = noise(50'000);
  a.always_reply(200, {{"Content-Encoding", "gzip"}, {"Vary", "Accept-Encoding"}}, packed);
  const TestGateway gateway(one(a));
  const Message answer = gateway.call(chat_request("gpt-4o", {{"Accept-Encoding", "gzip, deflate"}}));
  EXPECT_EQ(answer.header("content-encoding"), "gzip");
  EXPECT_EQ(sha256_hex(answer.body), sha256_hex(packed));
  EXPECT_EQ(a.requests()[0].header("accept-encoding"), "gzip, deflate");
}

TEST(Stream, TrailersAreDropped) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.socket().send(
        "HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n");
  });
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("0\r\n\r\n"));
  EXPECT_EQ(client.unread().find("x-sum"), std::string::npos);
  EXPECT_EQ(client.call(chat_request()).body, "ok");
}

TEST(Stream, ThreeMegabytesArriveWhole) {
  FakeBackend a;
  const std::string body = noise(3 << 20);
  a.then_reply(200, {}, body);
  a.then([&](FakeBackend::Turn& turn) {
    turn.begin_stream();
    for (std::size_t at = 0; at < body.size(); at += 100'001) turn.chunk(std::string_view(body).substr(at, 100'001));
    turn.end_stream();
  });
  const TestGateway gateway(one(a));
  EXPECT_EQ(sha256_hex(gateway.chat().body), sha256_hex(body));
  EXPECT_EQ(sha256_hex(gateway.chat().body), sha256_hex(body));
}

TEST(Stream, ManyStreamsAtOnceDoNotHoldEachOtherUp) {
  constexpr int streams = 40;
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk(event(1));
    turn.wait_for_release();
    turn.end_stream();
  });
  const TestGateway gateway(one(a));
  std::vector<RawClient> clients;
  for (int i = 0; i < streams; ++i) {
    clients.push_back(gateway.client());
    clients.back().send(chat_request());
  }
  for (RawClient& client : clients) ASSERT_TRUE(client.receive_until(event(1)));
  EXPECT_TRUE(reaches(gateway, "spillway_streams_active", streams));
  EXPECT_TRUE(reaches(gateway, "spillway_backend_in_flight{backend=\"a\"}", streams));
  for (int i = 0; i < streams; ++i) a.release();
  for (RawClient& client : clients) EXPECT_TRUE(client.receive().complete);
}

// The count is above zero and has not grown for a while.
bool stands_still(const std::atomic<std::size_t>& count, const std::function<void()>& meanwhile = [] {}) {
  std::size_t seen = 0;
  auto since = std::chrono::steady_clock::now();
  return eventually([&] {
    meanwhile();
    const auto now = std::chrono::steady_clock::now();
    if (count != seen) since = now;
    seen = count;
    return seen != 0 && now - since > std::chrono::milliseconds(200);
  });
}

TEST(BackPressure, AClientThatStopsReadingStopsTheBackend) {
  constexpr std::size_t offered = 500U << 20;
  constexpr std::size_t enough = 64U << 20;
  FakeBackend a;
  std::atomic<std::size_t> sent{0};
  a.always([&](FakeBackend::Turn& turn) {
    turn.begin_stream();
    const std::string piece(1 << 20, 'x');
    while (sent < offered && turn.chunk(piece)) sent += piece.size();
    turn.close();
  });
  const TestGateway gateway(one(a));
  const std::size_t before = resident_bytes();
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("xxxx"));
  // What fits into the buffers of the kernel moves on; then everything stands still.
  EXPECT_TRUE(stands_still(sent));
  EXPECT_LT(sent, enough);
  EXPECT_LT(resident_bytes(), before + enough) << "the rest is not kept in the gateway";
  client.socket().close();
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_TRUE(eventually([&] { return member_of(gateway.status(), 0)["in_flight"] == 0; }));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
}

TEST(BackPressure, S03AClientThatStopsReadingForTooLongIsDropped) {
  FakeBackend a;
  a.always([&](FakeBackend::Turn& turn) {
    turn.begin_stream();
    const std::string piece(1 << 20, 'x');
    while (turn.chunk(piece)) {
    }
    turn.close();
  });
  const TestGateway gateway(one(a, "timeouts: {write_idle: 200ms}\n"));
  RawClient client = gateway.client();
  client.send(chat_request());
  EXPECT_TRUE(a.wait_for_closed(1)) << "the backend is let go although the client is still connected";
  EXPECT_TRUE(eventually([&] { return member_of(gateway.status(), 0)["in_flight"] == 0; }));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0) << "it is not the backend's fault";
}

TEST(BackPressure, ABackendThatDoesNotReadStopsAnUploadUntilTheClientLeaves) {
  constexpr std::size_t offered = 300U << 20;
  constexpr std::size_t enough = 64U << 20;
  FakeBackend a;
  a.on_connect([](Socket& socket) {
    socket.set_receive_buffer(64 << 10);
    pollfd gone{socket.descriptor(), POLLRDHUP, 0};
    ::poll(&gone, 1, -1);
  });
  const TestGateway gateway(one(a, "limits: {replay_buffer: 64KiB}\n"));
  RawClient client = gateway.client();
  client.send("POST /openai/v1/files HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nContent-Length: " +
              std::to_string(offered) + "\r\n\r\n");
  const std::string piece(1 << 20, 'x');
  std::atomic<std::size_t> sent{0};
  EXPECT_TRUE(stands_still(sent, [&] {
    const ssize_t n = ::send(client.socket().descriptor(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
  }));
  EXPECT_LT(sent, enough);
  client.socket().reset();
  EXPECT_TRUE(a.wait_for_closed(1)) << "the client's leaving is noticed although nothing is read from it";
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
}

}  // namespace
}  // namespace spillway::test
