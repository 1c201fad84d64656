#include "http/plain_run.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::http {
namespace {

// What skip_plain promises, byte by byte.
std::size_t expected(std::string_view text, std::size_t at) {
  while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x20 && text[at] != '"' && text[at] != '\\') ++at;
  return at;
}

TEST(PlainRun, FindsTheFirstSpecialByteWhereverItStandsAndTheSearchBegins) {
  for (const char special : {'\0', '\x1F', '\x20', '"', '\\', '\x7F', '\x80', '\x9F', '\xA2', '\xDC', '\xFF'}) {
    for (std::size_t size = 0; size <= 40; ++size) {
      for (std::size_t place = 0; place < size; ++place) {
        std::string text(size, 'a');
        text[place] = special;
        for (std::size_t at = 0; at <= size; ++at) {
          ASSERT_EQ((skip_plain<'"', '\\'>(text, at)), expected(text, at))
              << "byte " << static_cast<int>(special) << " at " << place << " of " << size << ", from " << at;
        }
      }
    }
  }
}

TEST(PlainRun, FindsItInALongRunToo) {
  for (const std::size_t size : {64U, 128U, 129U, 200U, 300U}) {
    for (std::size_t place = 0; place < size; ++place) {
      for (const char special : {'\0', '"', '\\'}) {
        std::string text(size, '\xA2');
        text[place] = special;
        for (const std::size_t at : {std::size_t{0}, std::size_t{1}, place / 2, place}) {
          ASSERT_EQ((skip_plain<'"', '\\'>(text, at)), expected(text, at))
              << place << " of " << size << ", from " << at;
        }
      }
    }
  }
}

TEST(PlainRun, StopsAtTheFirstOfTwoSpecialBytes) {
  for (std::size_t first = 0; first < 160; ++first) {
    for (std::size_t second = 0; second < 160; ++second) {
      std::string text(160, '\xE4');
      text[first] = '"';
      text[second] = '\n';
      ASSERT_EQ((skip_plain<'"', '\\'>(text, 0)), expected(text, 0)) << first << ", " << second;
    }
  }
}

TEST(PlainRun, TakesEveryOrdinaryByteForPlain) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(165, static_cast<char>(byte));
    ASSERT_EQ((skip_plain<'"', '\\'>(text, 0)), expected(text, 0)) << byte;
    ASSERT_EQ((skip_plain<'\x7F', '\x7F'>(text, 0)), byte >= 0x20 && byte != 0x7F ? text.size() : 0U) << byte;
  }
}

}  // namespace
}  // namespace spillway::http
