#include "lab/answer_reader.hpp"

#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

using http::ReadState;

struct Read {
  ReadState state = ReadState::need_more;
  std::string body;
  int status = 0;
  bool keep_alive = false;
  bool whole_at_end = false;
};

// Fed in pieces of that size.
Read read(std::string_view bytes, std::size_t piece, bool to_head = false) {
  Read out;
  AnswerReader reader(to_head, [&](std::string_view body) { out.body += body; });
  while (!bytes.empty() && out.state == ReadState::need_more) {
    out.state = reader.take(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  out.status = reader.status();
  out.keep_alive = reader.keep_alive();
  out.whole_at_end = reader.end();
  return out;
}

TEST(AnswerReader, ReadsEveryFramingHoweverItIsCut) {
  for (std::size_t piece = 1; piece < 90; ++piece) {
    const Read length = read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", piece);
    EXPECT_EQ(length.state, ReadState::complete);
    EXPECT_EQ(length.body, "hello");
    EXPECT_TRUE(length.keep_alive);
    const Read chunked =
        read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", piece);
    EXPECT_EQ(chunked.state, ReadState::complete);
    EXPECT_EQ(chunked.body, "hello");
    const Read until_close = read("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", piece);
    EXPECT_EQ(until_close.state, ReadState::need_more);
    EXPECT_TRUE(until_close.whole_at_end);
    EXPECT_FALSE(until_close.keep_alive);
    EXPECT_EQ(until_close.body, "hello");
  }
}

TEST(AnswerReader, SkipsInterimAnswers) {
  const Read early = read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 7);
  EXPECT_EQ(early.state, ReadState::complete);
  EXPECT_EQ(early.status, 204);
}

TEST(AnswerReader, AnAnswerToHeadHasNoBody) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 99, true).state, ReadState::complete);
}

TEST(AnswerReader, WhatIsCutIsNotWhole) {
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", 99).whole_at_end);
  EXPECT_FALSE(read("HTTP/1.1 200", 99).whole_at_end);
}

TEST(AnswerReader, RefusesWhatIsNoHttp) {
  EXPECT_EQ(read("SSH-2.0-OpenSSH_9.2\r\n", 99).state, ReadState::rejected);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 99).state, ReadState::rejected);
}

}  // namespace
}  // namespace spillway::lab
