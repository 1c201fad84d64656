#include "lab/talk.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "lab/simulator.hpp"
#include "lab/websocket.hpp"
#include "spillway/base/text.hpp"
#include "support/socket.hpp"

namespace spillway::lab {
namespace {

using websocket::Message;
using websocket::MessageReader;
using websocket::Opcode;

constexpr std::uint32_t mask = 0x37fa213d;

// A client of a realtime session, over a real socket.
class TalkTest : public ::testing::Test {
 protected:
  TalkTest()
      : simulator(load_lab_text("resources:\n  - {name: east, region: East US, keys: [k], deployments: "
                                "[{name: gpt-realtime}]}\n")
                      .config) {
    std::string problem;
    EXPECT_TRUE(simulator.open(problem)) << problem;
    loop = std::jthread([this] { simulator.run(); });
    const std::string address = simulator.addresses().front();
    socket = test::Socket::connect(
        parse_number<std::uint16_t>(std::string_view(address).substr(address.rfind(':') + 1)).value_or(0));
  }
  ~TalkTest() override {
    socket.close();
    simulator.stop();
  }

  // The answer's head; what follows it is fed to the reader.
  std::string shake_hands(const std::string& behind = {}) {
    socket.send(
        "GET /openai/v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: lab\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: realtime\r\napi-key: k\r\n\r\n" +
        behind);
    std::string bytes;
    while (bytes.find("\r\n\r\n") == std::string::npos) {
      const std::string more = socket.receive();
      if (more.empty()) return bytes;
      bytes += more;
    }
    const std::size_t end = bytes.find("\r\n\r\n") + 4;
    reader.feed(std::string_view(bytes).substr(end));
    return bytes.substr(0, end);
  }
  void say(Opcode opcode, std::string_view payload, bool last = true) {
    EXPECT_TRUE(socket.send(websocket::frame(opcode, payload, last, mask)));
  }
  Message next() {
    for (;;) {
      if (auto message = reader.next()) return *message;
      const std::string more = socket.receive();
      EXPECT_FALSE(more.empty()) << "the connection ended";
      if (more.empty()) return {};
      reader.feed(more);
    }
  }
  bool next_is(std::string_view type) {
    const std::string text = next().payload;
    return text.find("\"type\":\"" + std::string(type) + "\"") != std::string::npos;
  }

  Simulator simulator;
  std::jthread loop;
  test::Socket socket;
  MessageReader reader{MessageReader::Peer::server, 64 << 20};
};

TEST_F(TalkTest, GreetsAndAnswersWhatCameBehindTheHandshake) {
  const std::string head =
      shake_hands(websocket::frame(Opcode::text, R"({"type":"session.update","session":{}})", true, mask));
  EXPECT_EQ(head.substr(0, 12), "HTTP/1.1 101");
  EXPECT_NE(head.find("Sec-WebSocket-Protocol: realtime\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Type"), std::string::npos);
  EXPECT_TRUE(next_is("session.created"));
  EXPECT_TRUE(next_is("session.updated"));
}

TEST_F(TalkTest, AnswersPingsAndReturnsCloseCodes) {
  shake_hands();
  EXPECT_TRUE(next_is("session.created"));
  say(Opcode::ping, "are you there");
  const Message pong = next();
  EXPECT_EQ(pong.opcode, Opcode::pong);
  EXPECT_EQ(pong.payload, "are you there");
  socket.send(websocket::close_frame(4001, "done", mask));
  const Message close = next();
  EXPECT_EQ(close.opcode, Opcode::close);
  EXPECT_EQ(close.close_code(), 4001);
  EXPECT_EQ(socket.receive(), "");
  EXPECT_FALSE(socket.was_reset());
}

TEST_F(TalkTest, TakesLargeMessagesInFragments) {
  shake_hands();
  EXPECT_TRUE(next_is("session.created"));
  say(Opcode::text, R"({"type":"input_audio_buffer.append","audio":")", false);
  for (int i = 0; i < 4; ++i) say(Opcode::continuation, std::string(1 << 20, 'A'), false);
  say(Opcode::continuation, "\"}");
  say(Opcode::text, R"({"type":"input_audio_buffer.clear"})");
  EXPECT_TRUE(next_is("input_audio_buffer.cleared"));
}

TEST_F(TalkTest, PartsWithWhoBreaksTheProtocol) {
  shake_hands();
  EXPECT_TRUE(next_is("session.created"));
  socket.send(websocket::frame(Opcode::text, "unmasked"));
  EXPECT_EQ(next().close_code(), websocket::protocol_error);
}

TEST_F(TalkTest, TextOnly) {
  shake_hands();
  EXPECT_TRUE(next_is("session.created"));
  say(Opcode::binary, "bytes");
  EXPECT_EQ(next().close_code(), websocket::unsupported_data);
}

TEST_F(TalkTest, ACutSessionIsReset) {
  simulator.with_resources([](std::vector<Resource>& resources) {
    Fault fault;
    fault.kind = FaultKind::cut;
    resources.front().faults().set("", fault);
  });
  EXPECT_EQ(shake_hands().substr(0, 12), "HTTP/1.1 101");
  EXPECT_EQ(socket.receive(), "");
  EXPECT_TRUE(socket.was_reset());
}

TEST_F(TalkTest, StopsWhileASessionIsOpen) {
  shake_hands();
  EXPECT_TRUE(next_is("session.created"));
}

}  // namespace
}  // namespace spillway::lab
