#include "spillway/http/websocket.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "spillway/http/reader.hpp"

namespace spillway::http {
namespace {

constexpr char sample_key[] = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 1.3

// A head and the bytes it looks into.
struct Request {
  explicit Request(const std::string& fields, const std::string& line = "GET /openai/realtime HTTP/1.1")
      : bytes(line + "\r\nHost: h\r\n" + fields + "\r\n"), reader({}) {
    EXPECT_EQ(reader.parse(bytes), ReadState::complete) << reader.rejection().reason;
  }
  const RequestHead& head() const { return reader.head(); }
  std::string bytes;
  RequestReader reader;
};

std::string handshake(const std::string& more = "") {
  return "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
         std::string(sample_key) + "\r\n" + more;
}

std::string answer_fields(const std::string& more = "") {
  return "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" + more;
}

bool believed(const std::string& answer, const std::string& request_fields = handshake()) {
  const Request request(request_fields);
  const std::string bytes = answer + "\r\n";
  ResponseReader reader({});
  EXPECT_EQ(reader.parse(bytes, false), ReadState::complete) << reader.reason();
  return completes_handshake(reader.head(), request.head());
}

TEST(WebSocket, IsAskedForWithConnectionAndUpgrade) {
  EXPECT_TRUE(asks_for_websocket(Request("Connection: Upgrade\r\nUpgrade: WebSocket\r\n").head()));
  EXPECT_TRUE(asks_for_websocket(Request("Connection: upgrade\r\nUpgrade: h2c, websocket\r\n").head()));
  EXPECT_FALSE(asks_for_websocket(Request("Upgrade: websocket\r\n").head()));
  EXPECT_FALSE(asks_for_websocket(Request("Connection: Upgrade\r\nUpgrade: h2c\r\n").head()));
  EXPECT_FALSE(asks_for_websocket(Request("Connection: Upgrade\r\nUpgrade: websockets\r\n").head()));
  EXPECT_FALSE(asks_for_websocket(Request(handshake(), "GET /openai/realtime HTTP/1.0").head()));
}

TEST(WebSocket, IsSpokenOnPathsThatEndInRealtimeOrResponses) {
  for (const char* path : {"/openai/realtime", "/openai/v1/realtime", "/v1/realtime", "/openai/v1/responses",
                           "/openai/deployments/d/realtime", "/a/b/RealTime", "/openai/v1/re%61ltime", "/realtime"})
    EXPECT_TRUE(is_websocket_path(path)) << path;
  for (const char* path : {"/openai/realtime/", "/openai/realtimes", "/openai/v1/responses/resp_1", "/", "/realtime/x",
                           "/openai/v1/chat/completions", "/openai/xrealtime"})
    EXPECT_FALSE(is_websocket_path(path)) << path;
}

TEST(WebSocket, AHandshakeIsCheckedAsTheRfcSays) {
  const auto check = [](const std::string& fields) { return check_handshake(Request(fields).head()); };
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::string key = "Sec-WebSocket-Key: " + std::string(sample_key) + "\r\n";
  EXPECT_EQ(check(upgrade + version + key), HandshakeProblem::none);
  EXPECT_EQ(check(upgrade + version + key + "Content-Length: 0\r\n"), HandshakeProblem::none);
  EXPECT_EQ(check(upgrade + key), HandshakeProblem::malformed);
  EXPECT_EQ(check(upgrade + version), HandshakeProblem::malformed);
  EXPECT_EQ(check(upgrade + version + key + key), HandshakeProblem::malformed);
  EXPECT_EQ(check(upgrade + version + version + key), HandshakeProblem::malformed);
  EXPECT_EQ(check(upgrade + version + key + "Content-Length: 1\r\n"), HandshakeProblem::malformed);
  EXPECT_EQ(check(upgrade + version + key + "Transfer-Encoding: chunked\r\n"), HandshakeProblem::malformed);
  for (const char* bad : {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25j",
                          "dGhlIHNhbXBsZSBub25jZTE=", "dGhlIHNhbXBsZSBub25j_Q==", "dGhlIHNhbXBsZSBub25jZQ==="})
    EXPECT_EQ(check(upgrade + version + "Sec-WebSocket-Key: " + bad + "\r\n"), HandshakeProblem::malformed) << bad;
  for (const char* other : {"8", "14", "013", "13, 8", ""})
    EXPECT_EQ(check(upgrade + key + "Sec-WebSocket-Version: " + other + "\r\n"), HandshakeProblem::unsupported_version)
        << other;
}

TEST(WebSocket, TheDeploymentOrTheModelOfTheQueryIsTheModel) {
  const auto model = [](const std::string& query) {
    return handshake_model(Request(handshake(), "GET /openai/realtime" + query + " HTTP/1.1").head());
  };
  EXPECT_EQ(model("?api-version=1&deployment=rt"), "rt");
  EXPECT_EQ(model("?model=gpt%2Drealtime"), "gpt-realtime");
  EXPECT_EQ(model("?model=m&deployment=d"), "d");
  EXPECT_EQ(model("?model=m&deployment="), "m");
  EXPECT_EQ(model("?Mod%65L=m"), "m") << "as the service reads it";
  EXPECT_EQ(model("?call_id=c"), std::nullopt);
  EXPECT_EQ(model(""), std::nullopt);
}

TEST(WebSocket, TheAcceptValueIsThatOfTheRfc) {
  EXPECT_EQ(websocket_accept(sample_key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, AnAnswerIsBelievedWhenEverythingInItIsRight) {
  EXPECT_TRUE(believed("HTTP/1.1 101 Switching Protocols\r\n" + answer_fields()));
  EXPECT_TRUE(believed("HTTP/1.1 101 \r\n" + answer_fields("x-request-id: 1\r\n")));
  EXPECT_FALSE(believed("HTTP/1.1 200 OK\r\n" + answer_fields()));
  EXPECT_FALSE(believed("HTTP/1.0 101 Switching Protocols\r\n" + answer_fields()));
  EXPECT_FALSE(
      believed("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
               "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_FALSE(
      believed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
               "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_FALSE(believed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"));
  EXPECT_FALSE(
      believed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_FALSE(
      believed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_FALSE(believed("HTTP/1.1 101 Switching Protocols\r\n" +
                        answer_fields("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")));
}

TEST(WebSocket, ASubprotocolIsBelievedOnlyWhenItWasOffered) {
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\n";
  const auto chosen = [](const std::string& name) { return answer_fields("Sec-WebSocket-Protocol: " + name + "\r\n"); };
  const std::string offer = handshake(
      "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.k\r\n"
      "Sec-WebSocket-Protocol: other\r\n");
  EXPECT_TRUE(believed(head + chosen("realtime"), offer));
  EXPECT_TRUE(believed(head + chosen("other"), offer));
  EXPECT_TRUE(believed(head + answer_fields(), offer));
  EXPECT_FALSE(believed(head + chosen("Realtime"), offer));
  EXPECT_FALSE(believed(head + chosen("realtime, other"), offer));
  EXPECT_FALSE(believed(head + chosen("openai-insecure-api-key.k"), offer)) << "it was kept from the backend";
  EXPECT_FALSE(believed(head + chosen("realtime")));
}

TEST(WebSocket, TheKeyIsFoundAmongTheSubprotocols) {
  const auto key = [](const std::string& fields) { return std::string(subprotocol_key(Request(fields).head())); };
  EXPECT_EQ(key("Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.abc.d, openai-beta.realtime-v1\r\n"),
            "abc.d");
  EXPECT_EQ(key("Sec-WebSocket-Protocol: realtime\r\nSec-WebSocket-Protocol:openai-insecure-api-key.x\r\n"), "x");
  EXPECT_EQ(key("Sec-WebSocket-Protocol: openai-insecure-api-key., openai-insecure-api-key.y\r\n"), "y");
  EXPECT_EQ(key("Sec-WebSocket-Protocol: realtime\r\n"), "");
  EXPECT_EQ(key("X-Protocol: openai-insecure-api-key.x\r\n"), "");
}

TEST(WebSocket, KeysAreTakenOutOfTheSubprotocolsAndTheRestStays) {
  EXPECT_EQ(without_subprotocol_keys("realtime, openai-insecure-api-key.abc, openai-beta.realtime-v1"),
            "realtime, openai-beta.realtime-v1");
  EXPECT_EQ(without_subprotocol_keys("OpenAI-Insecure-API-Key.abc,realtime,,b"), "realtime, b");
  EXPECT_EQ(without_subprotocol_keys("openai-insecure-api-key.abc"), "");
  EXPECT_EQ(without_subprotocol_keys("openai-insecure-api-key."), "");
  EXPECT_EQ(without_subprotocol_keys(""), "");
}

std::string frame(unsigned first, std::size_t size, bool masked) {
  std::string bytes(1, static_cast<char>(first));
  const unsigned mask = masked ? 0x80U : 0U;
  if (size < 126) {
    bytes += static_cast<char>(size | mask);
  } else if (size < 65536) {
    bytes += static_cast<char>(126 | mask);
    bytes += static_cast<char>(size >> 8U);
    bytes += static_cast<char>(size & 0xFFU);
  } else {
    bytes += static_cast<char>(127 | mask);
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xFFU);
  }
  if (masked) bytes += "mask";
  return bytes + std::string(size, 'p');
}

TEST(FrameTracker, KnowsEveryBoundaryAtEverySplit) {
  std::string bytes;
  std::vector<bool> boundary(1, true);
  for (const bool masked : {false, true}) {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 300U, 65535U, 65536U}) {
      bytes += frame(0x81, size, masked);
      boundary.resize(bytes.size(), false);
      boundary.push_back(true);
    }
  }
  // Two pieces, cut at every byte.
  for (std::size_t cut = 0; cut <= bytes.size(); cut += cut < 2000 ? 1 : 97) {
    FrameTracker tracker;
    tracker.take(std::string_view(bytes).substr(0, cut));
    ASSERT_EQ(tracker.at_boundary(), boundary[cut]) << cut;
    tracker.take(std::string_view(bytes).substr(cut));
    ASSERT_TRUE(tracker.at_boundary()) << cut;
    ASSERT_FALSE(tracker.closed());
  }
  FrameTracker tracker;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    tracker.take(std::string_view(bytes).substr(at, 1));
    ASSERT_EQ(tracker.at_boundary(), boundary[at + 1]) << at;
  }
}

TEST(FrameTracker, SeesACloseFrameOnceItIsWhole) {
  for (const bool masked : {false, true}) {
    for (const std::size_t size : {0U, 2U, 100U}) {
      const std::string bytes = frame(0x81, 5, masked) + frame(0x89, 3, masked) + frame(0x88, size, masked);
      FrameTracker tracker;
      for (std::size_t at = 0; at < bytes.size(); ++at) {
        EXPECT_FALSE(tracker.closed()) << at;
        tracker.take(std::string_view(bytes).substr(at, 1));
      }
      EXPECT_TRUE(tracker.closed());
      EXPECT_TRUE(tracker.at_boundary());
      tracker.take(frame(0x81, 9, masked));
      EXPECT_TRUE(tracker.closed());
    }
  }
}

TEST(FrameTracker, TakesCompressedAndFragmentedMessagesForWhatTheyAre) {
  FrameTracker tracker;
  tracker.take(frame(0x41, 10, true) + frame(0x00, 10, true) + frame(0x8A, 0, true));
  EXPECT_TRUE(tracker.at_boundary()) << "a control frame may stand between fragments";
  tracker.take(frame(0xC1, 7, true).substr(0, 8));
  EXPECT_FALSE(tracker.at_boundary());
  EXPECT_FALSE(tracker.closed());
}

TEST(FrameTracker, ALengthNobodyCanReachNeverEnds) {
  FrameTracker tracker;
  tracker.take(std::string("\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10));
  for (int i = 0; i < 100; ++i) tracker.take(std::string(1000, 'x'));
  EXPECT_FALSE(tracker.at_boundary());
}

TEST(CloseFrame, CarriesItsCodePlainOrMasked) {
  EXPECT_EQ(close_frame(1001, std::nullopt), std::string("\x88\x02\x03\xE9", 4));
  const std::array<std::uint8_t, 4> mask = {1, 2, 3, 4};
  EXPECT_EQ(close_frame(1001, mask), std::string("\x88\x82\x01\x02\x03\x04\x02\xEB", 8));
  FrameTracker tracker;
  tracker.take(close_frame(1001, mask));
  EXPECT_TRUE(tracker.closed());
}

}  // namespace
}  // namespace spillway::http
