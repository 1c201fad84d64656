#include "lab/websocket.hpp"

#include <gtest/gtest.h>

namespace spillway::lab::websocket {
namespace {

constexpr std::size_t most = 16 << 20;
constexpr std::uint32_t mask = 0x37fa213d;

MessageReader from_client() {
  return {MessageReader::Peer::client, most};
}

std::optional<std::uint16_t> failure_of(std::string_view bytes) {
  MessageReader reader = from_client();
  reader.feed(bytes);
  EXPECT_FALSE(reader.next().has_value());
  return reader.failure();
}

TEST(WebSocket, AnswersTheKeyOfTheRfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, WritesTheFramesOfTheRfc) {
  EXPECT_EQ(frame(Opcode::text, "Hello"), std::string("\x81\x05Hello"));
  EXPECT_EQ(frame(Opcode::text, "Hello", true, mask), std::string("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"));
  EXPECT_EQ(frame(Opcode::text, "Hel", false), std::string("\x01\x03Hel"));
  EXPECT_EQ(frame(Opcode::binary, std::string(256, 'x')).substr(0, 4), std::string("\x82\x7E\x01\x00", 4));
  EXPECT_EQ(frame(Opcode::binary, std::string(65536, 'x')).substr(0, 10),
            std::string("\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10));
  EXPECT_EQ(close_frame(normal_closure, "bye"), std::string("\x88\x05\x03\xe8") + "bye");
}

TEST(WebSocket, ReadsAMessageCutAnywhere) {
  const std::string bytes =
      frame(Opcode::text, std::string(300, 'a'), true, mask) + frame(Opcode::ping, "p", true, mask);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    MessageReader reader = from_client();
    std::vector<Message> all;
    for (const std::string& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
      reader.feed(part);
      while (auto message = reader.next()) all.push_back(*message);
    }
    ASSERT_EQ(all.size(), 2U) << cut;
    EXPECT_EQ(all[0].payload, std::string(300, 'a'));
    EXPECT_EQ(all[1].opcode, Opcode::ping);
    EXPECT_FALSE(reader.failure());
  }
}

TEST(WebSocket, JoinsFragmentsWithAPingBetweenThem) {
  MessageReader reader = from_client();
  reader.feed(frame(Opcode::text, "one ", false, mask) + frame(Opcode::ping, "", true, mask) +
              frame(Opcode::continuation, "two ", false, mask) + frame(Opcode::continuation, "three", true, mask));
  EXPECT_EQ(reader.next()->opcode, Opcode::ping);
  EXPECT_EQ(reader.next()->payload, "one two three");
}

TEST(WebSocket, TakesMessagesOfSeveralMegabytes) {
  const std::string large(8 << 20, 'x');
  MessageReader reader = from_client();
  reader.feed(frame(Opcode::text, large, true, mask));
  EXPECT_EQ(reader.next()->payload, large);
  EXPECT_EQ(failure_of(frame(Opcode::text, std::string(most + 1, 'x'), true, mask)), too_big);
}

TEST(WebSocket, RefusesWhatBreaksTheProtocol) {
  EXPECT_EQ(failure_of(frame(Opcode::text, "unmasked")), protocol_error);
  EXPECT_EQ(failure_of(frame(Opcode::continuation, "of nothing", true, mask)), protocol_error);
  EXPECT_EQ(failure_of(frame(Opcode::text, "a", false, mask) + frame(Opcode::text, "b", true, mask)), protocol_error);
  EXPECT_EQ(failure_of(frame(Opcode::ping, "a", false, mask)), protocol_error);
  EXPECT_EQ(failure_of(frame(Opcode::ping, std::string(126, 'a'), true, mask)), protocol_error);
  EXPECT_EQ(failure_of("\xC1\x80"), protocol_error) << "a reserved bit";
  EXPECT_EQ(failure_of("\x83\x80"), protocol_error) << "an unknown opcode";
  EXPECT_EQ(failure_of(close_frame(1006, "", mask)), protocol_error);
  EXPECT_EQ(failure_of(frame(Opcode::close, "x", true, mask)), protocol_error);
  EXPECT_EQ(failure_of(frame(Opcode::text, "\xC3(", true, mask)), invalid_payload);
}

TEST(WebSocket, ReadsCloseCodes) {
  MessageReader reader = from_client();
  reader.feed(close_frame(4001, "mine", mask));
  EXPECT_EQ(reader.next()->close_code(), 4001);
  reader.feed(frame(Opcode::close, "", true, mask));
  EXPECT_EQ(reader.next()->close_code(), no_status);
}

TEST(WebSocket, KnowsUtf8) {
  for (const char* good : {"", "a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "a\xC3\xA4"})
    EXPECT_TRUE(is_utf8(good));
  for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace spillway::lab::websocket
