#include "websocket.hpp"

namespace spillway::test {

std::string encode(const Frame& frame) {
  std::string bytes;
  bytes += static_cast<char>((frame.fin ? 0x80U : 0U) | (frame.compressed ? 0x40U : 0U) |
                             static_cast<unsigned>(frame.opcode));
  const unsigned mask_bit = frame.masked ? 0x80U : 0U;
  const std::uint64_t size = frame.payload.size();
  const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  bytes += static_cast<char>((length_bytes == 0 ? size : length_bytes == 2 ? 126U : 127U) | mask_bit);
  for (int i = length_bytes - 1; i >= 0; --i) bytes += static_cast<char>(size >> static_cast<unsigned>(8 * i) & 0xFFU);
  if (!frame.masked) return bytes + frame.payload;
  constexpr std::string_view mask = "\x11\x22\x33\x44";
  bytes += mask;
  for (std::size_t i = 0; i < frame.payload.size(); ++i) bytes += static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  return bytes;
}

std::optional<Frame> take_frame(std::string& bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.size() < 2) return std::nullopt;
  Frame frame;
  frame.fin = (byte(0) & 0x80U) != 0;
  frame.compressed = (byte(0) & 0x40U) != 0;
  frame.opcode = static_cast<Opcode>(byte(0) & 0x0FU);
  frame.masked = (byte(1) & 0x80U) != 0;
  std::uint64_t size = byte(1) & 0x7FU;
  std::size_t at = 2;
  const std::size_t more = size == 127 ? 8 : size == 126 ? 2 : 0;
  if (bytes.size() < at + more) return std::nullopt;
  if (more != 0) size = 0;
  for (std::size_t i = 0; i < more; ++i) size = size << 8U | byte(at++);
  const std::size_t mask = at;
  if (frame.masked) at += 4;
  if (bytes.size() < at + size) return std::nullopt;
  frame.payload = bytes.substr(at, size);
  if (frame.masked) {
    for (std::size_t i = 0; i < size; ++i) frame.payload[i] = static_cast<char>(frame.payload[i] ^ bytes[mask + i % 4]);
  }
  bytes.erase(0, at + size);
  return frame;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  payload += static_cast<char>(code >> 8U);
  payload += static_cast<char>(code & 0xFFU);
  return payload.append(reason);
}

int close_code(const std::optional<Frame>& frame) {
  if (!frame || frame->opcode != Opcode::close || frame->payload.size() < 2) return 0;
  return static_cast<std::uint8_t>(frame->payload[0]) << 8U | static_cast<std::uint8_t>(frame->payload[1]);
}

bool WebSocketEnd::send(Opcode opcode, std::string payload, bool fin, bool compressed) {
  Frame frame;
  frame.opcode = opcode;
  frame.payload = std::move(payload);
  frame.fin = fin;
  frame.compressed = compressed;
  frame.masked = client_;
  return socket_.send(encode(frame));
}

std::optional<Frame> WebSocketEnd::receive() {
  for (;;) {
    if (std::optional<Frame> frame = take_frame(unread_)) {
      // RFC 6455 5.1: who masks is not left to taste.
      if (frame->masked == client_) return std::nullopt;
      return frame;
    }
    const std::string bytes = socket_.receive();
    if (bytes.empty()) return std::nullopt;
    unread_ += bytes;
  }
}

std::string handshake_without_key(const std::string& target, const Headers& more) {
  Headers headers = {{"Connection", "Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", websocket_key}};
  headers.insert(headers.end(), more.begin(), more.end());
  return request("GET", target, headers);
}

std::string handshake(const std::string& target, const Headers& more) {
  Headers headers = {{"api-key", "test-key"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return handshake_without_key(target, headers);
}

WebSocketClient::WebSocketClient(RawClient connection, const std::string& request)
    : connection_(std::move(connection)), answer_(connection_.call(request)) {
  end_.emplace(connection_.socket(), true, connection_.unread());
}

std::string WebSocketClient::call(const std::string& text) {
  end_->send(Opcode::text, text);
  const std::optional<Frame> frame = end_->receive();
  return frame ? frame->payload : "(no frame)";
}

std::string switching(const Headers& more) {
  std::string bytes = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  bytes.append("Sec-WebSocket-Accept: ").append(websocket_accept_value).append("\r\n");
  for (const auto& [name, value] : more) bytes.append(name).append(": ").append(value).append("\r\n");
  return bytes + "\r\n";
}

FakeBackend::Step accept_websocket(std::function<void(WebSocketEnd&, FakeBackend::Turn&)> then, const Headers& more) {
  return [then = std::move(then), more](FakeBackend::Turn& turn) {
    turn.close();
    turn.socket().send(switching(more));
    WebSocketEnd end(turn.socket(), false, turn.unread());
    then(end, turn);
  };
}

FakeBackend::Step echo_websocket(const Headers& more) {
  return accept_websocket(
      [](WebSocketEnd& end, FakeBackend::Turn&) {
        while (std::optional<Frame> frame = end.receive()) {
          const Opcode answer = frame->opcode == Opcode::ping ? Opcode::pong : frame->opcode;
          if (!end.send(answer, frame->payload, frame->fin, frame->compressed)) return;
          if (frame->opcode == Opcode::close) return;
        }
      },
      more);
}

}  // namespace spillway::test
