#include "talk.hpp"

#include <chrono>

#include "clock.hpp"
#include "spillway/net/suspension.hpp"
#include "websocket.hpp"

namespace spillway::lab {
namespace {

using net::awaitable;
using websocket::Message;
using websocket::Opcode;

constexpr std::size_t largest_message = 64 << 20;
constexpr auto quiet_time = std::chrono::hours(1);
constexpr Milliseconds write_idle{60'000};

awaitable<bool> say(net::Stream& stream, const std::vector<Piece>& pieces, net::Loop& loop) {
  net::CancelSlot never;
  for (const Piece& piece : pieces) {
    if (piece.pause.count() > 0) co_await net::pause_for(loop, piece.pause, never);
    const std::string bytes = websocket::frame(Opcode::text, piece.bytes);
    const ErrorCode error = co_await stream.write(bytes, write_idle);
    if (error) co_return false;
  }
  co_return true;
}

// Answers one message. False: it was the last.
awaitable<bool> answer(net::Stream& stream, const Message& message, Dialogue& dialogue, net::Loop& loop) {
  std::string bytes;
  switch (message.opcode) {
    case Opcode::text: {
      const std::vector<Piece> pieces = dialogue.hear(message.payload, this_moment());
      const bool said = co_await say(stream, pieces, loop);
      co_return said;
    }
    case Opcode::ping: bytes = websocket::frame(Opcode::pong, message.payload); break;
    case Opcode::close: bytes = websocket::close_frame(message.close_code()); break;
    case Opcode::binary: bytes = websocket::close_frame(websocket::unsupported_data, "text only"); break;
    case Opcode::pong:
    case Opcode::continuation: co_return true;
  }
  const ErrorCode error = co_await stream.write(bytes, write_idle);
  co_return !error && message.opcode == Opcode::ping;
}

}  // namespace

awaitable<void> talk(net::Stream& stream, std::string early, Dialogue& dialogue, net::Loop& loop) {
  const std::vector<Piece> greeting = dialogue.open();
  bool there = co_await say(stream, greeting, loop);
  websocket::MessageReader reader(websocket::MessageReader::Peer::client, largest_message);
  reader.feed(early);
  net::Buffer buffer(loop.buffers());
  while (there) {
    while (auto message = reader.next()) {
      there = co_await answer(stream, *message, dialogue, loop);
      if (!there) co_return;
    }
    std::uint16_t code = reader.failure().value_or(0);
    if (code == 0) {
      buffer.take();
      const net::Io io =
          co_await stream.read_some(net::asio::buffer(buffer.data(), net::Buffer::size()), loop.now() + quiet_time);
      reader.feed(std::string_view(buffer.data(), io.bytes));
      if (!io.error) continue;
      if (io.error != Errc::timeout) co_return;
      code = websocket::going_away;
    }
    const std::string bytes = websocket::close_frame(code);
    co_await stream.write(bytes, write_idle);
    co_return;
  }
}

}  // namespace spillway::lab
