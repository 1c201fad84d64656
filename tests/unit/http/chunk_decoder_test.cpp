#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "spillway/http/reader.hpp"

namespace spillway::http {
namespace {

// What is left of `body` after decoding it in pieces of `step`, or the reason of its refusal.
std::string decode(std::string_view body, std::size_t step) {
  ChunkDecoder decoder;
  std::string out;
  for (; !body.empty(); body.remove_prefix(std::min(step, body.size()))) {
    std::string piece(body.substr(0, step));
    const ChunkDecoder::Step taken = decoder.decode(piece);
    out.append(piece, 0, taken.payload);
    if (taken.state == ReadState::rejected) return out + "!";
    if (taken.state == ReadState::complete)
      return out + "|" + piece.substr(taken.consumed) + std::string(body.substr(piece.size()));
  }
  return out + "?";
}

TEST(ChunkDecoder, MovesThePayloadToTheFront) {
  ChunkDecoder decoder;
  std::string input = "5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\nx: y\r\n\r\nnext";
  const ChunkDecoder::Step step = decoder.decode(input);
  EXPECT_EQ(step.state, ReadState::complete);
  EXPECT_EQ(input.substr(0, step.payload), "hello, world");
  EXPECT_EQ(input.substr(step.consumed), "next");
}

TEST(ChunkDecoder, TakesNothingBehindTheEnd) {
  ChunkDecoder decoder;
  std::string input = "0\r\n\r\n";
  ASSERT_EQ(decoder.decode(input).state, ReadState::complete);
  const ChunkDecoder::Step step = decoder.decode(input);
  EXPECT_EQ(step.state, ReadState::complete);
  EXPECT_EQ(step.consumed, 0U);
}

TEST(ChunkDecoder, StaysRefused) {
  ChunkDecoder decoder;
  std::string bad = "x";
  ASSERT_EQ(decoder.decode(bad).state, ReadState::rejected);
  std::string good = "0\r\n\r\n";
  const ChunkDecoder::Step step = decoder.decode(good);
  EXPECT_EQ(step.state, ReadState::rejected);
  EXPECT_STRNE(step.reason, "");
  decoder.reset();
  EXPECT_EQ(decoder.decode(good).state, ReadState::complete);
}

TEST(ChunkDecoder, AnnouncesAChunkBeforeItsData) {
  ChunkDecoder decoder;
  std::string first = "5\r\nhello\r\nffff\r";
  EXPECT_EQ(decoder.decode(first).payload, 5U);
  EXPECT_EQ(decoder.announced(), 5U + 65535U);
}

TEST(ChunkDecoder, NeedsMoreForNoBytes) {
  ChunkDecoder decoder;
  EXPECT_EQ(decoder.decode({}).state, ReadState::need_more);
}

TEST(ChunkDecoder, H21DecodesTheSameInPiecesOfAnySize) {
  for (const std::string& body :
       {std::string("5\r\nhello\r\n00C ; a=\"b\\\";c\" ;d\r\n, chunked!\r\n\r\n0;e=f\r\nX-a: b\r\nY:\r\n\r\nleft over"),
        std::string("5\r\nhello\r\n5\r\nworld\n"), std::string("3\r\nabcd"),
        std::string("1\r\na\r\n0\r\nx y: z\r\n\r\n"), std::string("1\r\na\r\n1")}) {
    const std::string whole = decode(body, body.size());
    for (std::size_t step = 1; step < body.size(); ++step) EXPECT_EQ(decode(body, step), whole) << step;
  }
}

TEST(ChunkDecoder, H11TakesExtensionsUpToTheirLimit) {
  const std::string longest = ";a=" + std::string(ChunkDecoder::max_extension - 3, 'b');
  EXPECT_EQ(decode("1" + longest + "\r\nx\r\n1" + longest + "\r\ny\r\n0\r\n\r\n", 1000), "xy|");
  EXPECT_EQ(decode("1" + longest + "b\r\nx\r\n0\r\n\r\n", 1000), "!");
}

TEST(ChunkDecoder, H12TakesTrailersUpToTheirLimit) {
  // The last line end does not count.
  const std::string longest = "a: " + std::string(ChunkDecoder::max_trailers - 5, 'b') + "\r\n";
  EXPECT_EQ(decode("0\r\n" + longest + "\r\n", 1000), "|");
  EXPECT_EQ(decode("0\r\na" + longest + "\r\n", 1000), "!");
  EXPECT_EQ(decode("0\r\na: " + std::string(4 << 20, 'b'), 65536), "!");
}

TEST(ChunkDecoder, H11LimitsFramingToWhatTheBodyIsWorth) {
  // 5 bytes of framing for each byte: 64 KiB and two bytes each are free, so it ends at 64 KiB / 3 chunks.
  std::string bytes;
  for (int i = 0; i < 21800; ++i) bytes += "1\r\nx\r\n";
  EXPECT_EQ(decode(bytes + "0\r\n\r\n", 65536), std::string(21800, 'x') + "|");
  for (int i = 0; i < 100; ++i) bytes += "1\r\nx\r\n";
  EXPECT_EQ(decode(bytes + "0\r\n\r\n", 65536).back(), '!');

  std::string fair;
  for (int i = 0; i < 30000; ++i) fair += "3\r\nxyz\r\n";
  EXPECT_EQ(decode(fair + "0\r\n\r\n", 65536).size(), 90001U);
}

}  // namespace
}  // namespace spillway::http
