#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fake_backend.hpp"
#include "http_message.hpp"
#include "socket.hpp"
#include "test_gateway.hpp"

// WebSocket as RFC 6455 has it, for tests: nothing of the program under test is used.
namespace spillway::test {

enum class Opcode : unsigned { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
  Opcode opcode = Opcode::text;
  std::string payload;
  bool fin = true;
  bool compressed = false;  // RSV1
  bool masked = false;

  bool operator==(const Frame&) const = default;
};

std::string encode(const Frame& frame);
// Takes one frame from the front of `bytes`; nothing when it is not all there.
std::optional<Frame> take_frame(std::string& bytes);

std::string close_payload(std::uint16_t code, std::string_view reason = "");
// Of a Close frame; 0 when there is none.
int close_code(const std::optional<Frame>& frame);

// One end of a WebSocket. Clients mask what they send.
class WebSocketEnd {
 public:
  WebSocketEnd(Socket& socket, bool client, std::string unread = "")
      : socket_(socket), client_(client), unread_(std::move(unread)) {}

  bool send(Opcode opcode, std::string payload, bool fin = true, bool compressed = false);
  bool close(std::uint16_t code, std::string_view reason = "") {
    return send(Opcode::close, close_payload(code, reason));
  }
  // The next frame, unmasked; none when the connection has ended.
  std::optional<Frame> receive();
  Socket& socket() noexcept { return socket_; }

 private:
  Socket& socket_;
  bool client_;
  std::string unread_;
};

// The key and the answer of RFC 6455 1.3, used by every handshake here.
inline constexpr char websocket_key[] = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr char websocket_accept_value[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// A handshake with the client key `test-key`.
std::string handshake(const std::string& target = "/openai/realtime?api-version=2025-04-01-preview&deployment=gpt-4o",
                      const Headers& more = {});
// Without any key of the gateway.
std::string handshake_without_key(const std::string& target, const Headers& more = {});

// A client that has sent a handshake. Its answer is in `answer`.
class WebSocketClient {
 public:
  WebSocketClient(RawClient connection, const std::string& request);
  explicit WebSocketClient(const TestGateway& gateway, const std::string& request = handshake())
      : WebSocketClient(gateway.client(), request) {}

  const Message& answer() const noexcept { return answer_; }
  bool switched() const { return answer_.status() == 101; }
  WebSocketEnd& end() { return *end_; }
  Socket& socket() noexcept { return connection_.socket(); }

  // Sends a text message and waits for the next frame.
  std::string call(const std::string& text);

 private:
  RawClient connection_;
  Message answer_;
  std::optional<WebSocketEnd> end_;
};

// A step that accepts the handshake and then does what `then` says. `more` are fields of the 101.
FakeBackend::Step accept_websocket(std::function<void(WebSocketEnd&, FakeBackend::Turn&)> then,
                                   const Headers& more = {});
// The head of that answer.
std::string switching(const Headers& more = {});

// Sends back every message as it came, answers pings and returns a Close frame's code.
FakeBackend::Step echo_websocket(const Headers& more = {});

}  // namespace spillway::test
