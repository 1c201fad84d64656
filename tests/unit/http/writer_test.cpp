#include "spillway/http/writer.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace spillway::http {
namespace {

TEST(Writer, KnowsTheReasonPhrases) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(429), "Too Many Requests");
  EXPECT_EQ(reason_phrase(503), "Service Unavailable");
}

TEST(Writer, CallsAnUnregisteredStatusUnknown) {
  EXPECT_EQ(reason_phrase(529), "Unknown");
  EXPECT_EQ(reason_phrase(0), "Unknown");
  EXPECT_EQ(reason_phrase(-1), "Unknown");
}

TEST(Writer, AppendsAStatusLine) {
  std::string out = "before;";
  append_status_line(out, 404);
  append_status_line(out, 200, "Fine");
  append_status_line(out, 200, "");
  EXPECT_EQ(out, "before;HTTP/1.1 404 Not Found\r\nHTTP/1.1 200 Fine\r\nHTTP/1.1 200 \r\n");
}

TEST(Writer, AppendsFields) {
  std::string out;
  append_field(out, "Content-Type", "application/json");
  append_field(out, "Content-Length", std::uint64_t{0});
  append_field(out, "Content-Length", std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(out, "Content-Type: application/json\r\nContent-Length: 0\r\nContent-Length: 18446744073709551615\r\n");
}

TEST(Writer, WritesTheSizeOfAChunkInHexadecimal) {
  EXPECT_EQ(ChunkHeader(1).text(), "1\r\n");
  EXPECT_EQ(ChunkHeader(10).text(), "a\r\n");
  EXPECT_EQ(ChunkHeader(8000).text(), "1f40\r\n");
  EXPECT_EQ(ChunkHeader(65536).text(), "10000\r\n");
  EXPECT_EQ(ChunkHeader(std::numeric_limits<std::size_t>::max()).text(), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace spillway::http
