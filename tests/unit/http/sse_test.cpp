#include "spillway/http/sse.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace spillway::http {
namespace {

// Every event as `type|data;`, newlines of the data as they are.
std::string events(SseSplitter& splitter) {
  std::string out;
  while (const auto event = splitter.next()) out.append(event->event).append("|").append(event->data).append(";");
  return out;
}

std::string split(std::string_view stream, std::size_t step) {
  SseSplitter splitter;
  std::string out;
  for (; !stream.empty(); stream.remove_prefix(std::min(step, stream.size()))) {
    splitter.feed(stream.substr(0, step));
    out += events(splitter);
  }
  return out;
}

TEST(Sse, CutsEventsAtEveryKindOfLineEnd) {
  EXPECT_EQ(split("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\r\n\ndata: e\n\r", 1000), "|a;|b;|c;|d;|e;");
}

TEST(Sse, CutsEventsTheSameInPiecesOfAnySize) {
  const std::string stream =
      "\xEF\xBB\xBF: comment\r\nevent: thread.run.created\r\ndata: {\"a\":1}\r\n\r\ndata:x\rdata\rdata:  y\r\revent: "
      "lost\n\n"
      "data\n\nid: 7\nretry: 5\ndatax: no\ndata: [DONE]\n\ndata: cut";
  const std::string expected = "thread.run.created|{\"a\":1};|x\n\n y;|;|[DONE];";
  for (std::size_t step = 1; step <= stream.size(); ++step) EXPECT_EQ(split(stream, step), expected) << step;
}

TEST(Sse, DropsCommentsAndEventsWithoutData) {
  EXPECT_EQ(split(": keep-alive\n\n:\n\nevent: ping\n\n\n\n\ndata: x\n\n", 1000), "|x;");
}

TEST(Sse, TakesOnlyTheFirstSpaceOffAValue) {
  EXPECT_EQ(split("data:a:b\ndata:  c \n\n", 1000), "|a:b\n c ;");
}

TEST(Sse, FailsOnALineLongerThanTheLimit) {
  SseSplitter splitter(10);
  splitter.feed("data: 1234");
  EXPECT_EQ(events(splitter), "");
  EXPECT_FALSE(splitter.failed());
  splitter.feed("5");
  EXPECT_EQ(events(splitter), "");
  EXPECT_TRUE(splitter.failed());
  splitter.feed("\n\ndata: a\n\n");
  EXPECT_EQ(events(splitter), "");
}

TEST(Sse, FailsOnAnEventLongerThanTheLimit) {
  SseSplitter splitter(10);
  splitter.feed("data:12345\ndata:1234\n\n");
  EXPECT_EQ(events(splitter), "|12345\n1234;");
  splitter.feed("data:12345\ndata:12345\n\n");
  EXPECT_EQ(events(splitter), "");
  EXPECT_TRUE(splitter.failed());
}

TEST(Sse, KeepsNoBytesOfEventsThatWereTaken) {
  SseSplitter splitter;
  const std::string event = "data: " + std::string(1000, 'x') + "\n\n";
  for (int i = 0; i < 1000; ++i) {
    splitter.feed(event);
    ASSERT_EQ(events(splitter).size(), 1002U);
  }
}

}  // namespace
}  // namespace spillway::http
