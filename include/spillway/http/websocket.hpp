#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spillway/http/head.hpp"

// The opening handshake of WebSocket and the borders of its frames (RFC 6455), as far as somebody who relays them has
// to know. Pure.
namespace spillway::http {

// The fields of a handshake and of its answer that are for this connection only.
inline constexpr std::string_view websocket_upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

// Wants this connection to become a WebSocket: a valid `Connection: upgrade`, which HTTP/1.0 has not, and `websocket`
// among what `Upgrade` lists. Whether the method is right is not looked at.
bool asks_for_websocket(const RequestHead& head) noexcept;

// The services that speak WebSocket: the last segment, decoded and without case, is `realtime` or `responses`.
bool is_websocket_path(std::string_view path);

// RFC 6455 4.2.1: one Sec-WebSocket-Key of 16 bytes in base64, version 13, no body.
enum class HandshakeProblem { none, malformed, unsupported_version };
HandshakeProblem check_handshake(const RequestHead& head);

// The model a handshake names: `deployment` in the query, else `model` (case ignored), decoded. Nothing when it names
// none.
std::optional<std::string> handshake_model(const RequestHead& head);

// The Sec-WebSocket-Accept that belongs to a Sec-WebSocket-Key (RFC 6455 4.2.2).
std::string websocket_accept(std::string_view key);

// `answer` is a 101 that a client which sent `request` may believe (RFC 6455 4.1): websocket, the accept value of its
// key, and no subprotocol but one it offered.
bool completes_handshake(const ResponseHead& answer, const RequestHead& request);

// The key a browser hides among its subprotocols for want of a header, `openai-insecure-api-key.KEY`; empty when there
// is none, a view into the head.
std::string_view subprotocol_key(const RequestHead& head) noexcept;
// The value of a Sec-WebSocket-Protocol field without such keys; the others stay as they are and in order.
std::string without_subprotocol_keys(std::string_view value);

// Follows one direction of a WebSocket and tells where its frames end. Bytes may come in any pieces.
class FrameTracker {
 public:
  void take(std::string_view bytes) noexcept;

  // The last byte taken ended a frame, or none has come: a frame of one's own may be put here.
  bool at_boundary() const noexcept { return header_size_ == 0 && payload_left_ == 0; }
  // A whole Close frame has gone by: nothing of meaning follows it (RFC 6455 5.5.1).
  bool closed() const noexcept { return closed_; }

 private:
  void end_header() noexcept;

  std::array<std::uint8_t, 14> header_{};
  std::size_t header_size_ = 0;  // bytes of the header under way; 0 once it is whole
  std::uint64_t payload_left_ = 0;
  bool close_ = false;  // the frame under way is a Close frame
  bool closed_ = false;
};

// A Close frame with a status code and no reason. A client masks what it sends (RFC 6455 5.3), a server does not.
std::string close_frame(std::uint16_t code, const std::optional<std::array<std::uint8_t, 4>>& mask);

}  // namespace spillway::http
