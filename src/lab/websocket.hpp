#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// WebSocket framing without a socket (RFC 6455), without extensions.
namespace spillway::lab::websocket {

// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 4.2.2).
std::string accept_key(std::string_view key);

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Close codes of RFC 6455 7.4.1.
inline constexpr std::uint16_t normal_closure = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported_data = 1003;
inline constexpr std::uint16_t no_status = 1005;  // a close frame without a code; never sent
inline constexpr std::uint16_t invalid_payload = 1007;
inline constexpr std::uint16_t too_big = 1009;

// One frame. `mask`: a client's frames must have one, a server's none.
std::string frame(Opcode opcode, std::string_view payload, bool last = true,
                  std::optional<std::uint32_t> mask = std::nullopt);
std::string close_frame(std::uint16_t code, std::string_view reason = {},
                        std::optional<std::uint32_t> mask = std::nullopt);

// A whole message, or a control frame.
struct Message {
  Opcode opcode = Opcode::text;
  std::string payload;

  // Of a close frame.
  std::uint16_t close_code() const noexcept;
};

// Puts the peer's frames together, however the bytes and the messages were cut.
class MessageReader {
 public:
  enum class Peer { client, server };
  MessageReader(Peer peer, std::size_t most) : masked_(peer == Peer::client), most_(most) {}

  void feed(std::string_view bytes) { input_ += bytes; }
  // The next message; nothing when more bytes are needed, or after a failure.
  std::optional<Message> next();
  // The close code to answer what broke the protocol, or was longer than `most`.
  std::optional<std::uint16_t> failure() const noexcept { return failure_; }

 private:
  struct Head {
    Opcode opcode;
    bool last;
    std::size_t size;  // of the head
    std::uint64_t length;
  };
  std::optional<Head> head();
  std::optional<Message> take(const Head& head);
  std::nullopt_t fail(std::uint16_t code) noexcept;

  bool masked_;
  std::size_t most_;
  std::string input_;
  std::size_t used_ = 0;  // of the input
  std::optional<Message> partial_;
  std::optional<std::uint16_t> failure_;
};

bool is_utf8(std::string_view text) noexcept;

}  // namespace spillway::lab::websocket
