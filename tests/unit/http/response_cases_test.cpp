#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "http_cases.hpp"
#include "spillway/http/reader.hpp"

namespace spillway::test {
namespace {

struct Answer {
  bool accepted = false;
  bool complete = false;
  std::string body;
  std::size_t stray = 0;
  std::size_t interim = 0;
  bool reusable = false;
  bool until_close = false;

  bool operator==(const Answer&) const = default;
};

// Reads an answer whose bytes come in pieces of `step`, then the connection is closed.
Answer read_answer(const ResponseCase& tried, std::size_t step) {
  Answer answer;
  http::ResponseReader reader({});
  std::string buffer;
  std::size_t fed = 0;
  const auto more = [&] {
    const std::size_t size = std::min(step, tried.bytes.size() - fed);
    std::string grown = buffer + tried.bytes.substr(fed, size);
    buffer.swap(grown);
    fed += size;
    return size > 0;
  };
  for (;;) {
    const http::ReadState state = reader.parse(buffer, tried.to_head);
    if (state == http::ReadState::rejected) return {};
    if (state == http::ReadState::need_more) {
      if (!more()) return {};
      continue;
    }
    if (reader.head().status == 101) return {};
    if (reader.head().status >= 200) break;
    ++answer.interim;
    buffer.erase(0, reader.size());
    reader.reset();
  }
  const http::Framing framing = reader.head().framing;
  std::uint64_t remaining = framing == http::Framing::length ? reader.head().content_length : 0;
  answer.reusable = reader.head().keep_alive;
  answer.until_close = framing == http::Framing::until_close;
  buffer.erase(0, reader.size());
  http::ChunkDecoder decoder;
  bool done = framing == http::Framing::none || (framing == http::Framing::length && remaining == 0);
  do {
    if (done) {
      answer.stray += buffer.size();
    } else if (framing == http::Framing::chunked) {
      const auto taken = decoder.decode(buffer);
      if (taken.state == http::ReadState::rejected) return {};
      done = taken.state == http::ReadState::complete;
      answer.body.append(buffer, 0, taken.payload);
      answer.stray += buffer.size() - taken.consumed;
    } else if (framing == http::Framing::until_close) {
      answer.body += buffer;
    } else {
      const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining, buffer.size()));
      answer.body.append(buffer, 0, size);
      answer.stray += buffer.size() - size;
      remaining -= size;
      done = remaining == 0;
    }
    buffer.clear();
  } while (more());
  answer.accepted = true;
  answer.complete = done || answer.until_close;
  answer.reusable = answer.reusable && answer.stray == 0;
  return answer;
}

TEST(ResponseCases, AreMany) {
  EXPECT_GE(response_cases().size(), 40U);
}

TEST(ResponseCases, H24H25EndAsTheProfileSays) {
  for (const ResponseCase& tried : response_cases()) {
    const Answer answer = read_answer(tried, tried.bytes.size());
    EXPECT_EQ(answer.accepted, tried.accepted) << tried.name;
    if (!tried.accepted) continue;
    EXPECT_TRUE(answer.complete) << tried.name;
    EXPECT_EQ(answer.body, tried.body) << tried.name;
    EXPECT_EQ(answer.stray, tried.stray) << tried.name;
    EXPECT_EQ(answer.reusable, tried.reusable) << tried.name;
    EXPECT_EQ(answer.until_close, tried.until_close) << tried.name;
    EXPECT_EQ(answer.interim, tried.interim) << tried.name;
  }
}

TEST(ResponseCases, H24H25EndTheSameInPiecesOfAnySize) {
  for (const ResponseCase& tried : response_cases()) {
    const Answer whole = read_answer(tried, tried.bytes.size());
    if (tried.bytes.size() > 4096) {
      EXPECT_EQ(read_answer(tried, 1000), whole) << tried.name;
      continue;
    }
    for (std::size_t step = 1; step < tried.bytes.size(); ++step) {
      ASSERT_EQ(read_answer(tried, step), whole) << tried.name << " in pieces of " << step;
    }
  }
}

}  // namespace
}  // namespace spillway::test
