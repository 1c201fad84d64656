#include "spillway/base/text.hpp"

#include <gtest/gtest.h>

#include <array>

namespace spillway {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(Text, ComparisonIgnoresTheCaseOfAsciiLettersOnly) {
  EXPECT_TRUE(iequals("Content-Length", "content-LENGTH"));
  EXPECT_TRUE(iequals("", ""));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("[", "{"));  // they differ by the same bit as letters do
  EXPECT_FALSE(iequals("\xC4", "\xE4"));
  EXPECT_EQ(lower("Api-KEY@[\xC4"), "api-key@[\xC4");
}

TEST(Text, ComparisonTreatsEveryByteAloneWhereverItStands) {
  const auto same = [](int a, int b) {
    const auto small = [](int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
    return small(a) == small(b);
  };
  for (std::size_t size = 1; size <= 18; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      std::string one(size, 'm');
      std::string other(size, 'M');
      for (int byte = 0; byte < 256; ++byte) {
        one[place] = static_cast<char>(byte);
        for (const int against : {byte, byte ^ 0x20, byte ^ 0x80, byte ^ 0xA0, byte ^ 1}) {
          other[place] = static_cast<char>(against);
          ASSERT_EQ(iequals(one, other), same(byte, against)) << byte << ", " << against << " at " << place;
        }
      }
    }
  }
}

TEST(Text, TrimTakesSpacesAndTabsOnly) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\ra\n"), "\ra\n");
}

TEST(Text, NumbersAreDigitsAndNothingElse) {
  EXPECT_EQ(parse_number<int>("0"), 0);
  EXPECT_EQ(parse_number<int>("007"), 7);
  EXPECT_EQ(parse_number<int>("2147483647"), 2147483647);
  EXPECT_EQ(parse_number<int>("2147483648"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551616"), std::nullopt);
  for (const char* wrong : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "a"}) {
    EXPECT_EQ(parse_number<int>(wrong), std::nullopt) << wrong;
  }
}

TEST(Glob, AStarStandsForAnyCharactersSlashIncluded) {
  EXPECT_TRUE(glob_matches("gpt-4o*", "gpt-4o"));
  EXPECT_TRUE(glob_matches("gpt-4o*", "gpt-4o-mini"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("*", "a/b"));
  EXPECT_TRUE(glob_matches("a*c*e", "abcde"));
  EXPECT_TRUE(glob_matches("*mini", "gpt-mini-mini"));
  EXPECT_TRUE(glob_matches("a**b", "ab"));
  EXPECT_FALSE(glob_matches("gpt-4o*", "gpt-4"));
  EXPECT_FALSE(glob_matches("*mini", "mini-x"));
  EXPECT_FALSE(glob_matches("a*c", "ab"));
}

TEST(Glob, EverythingElseStandsForItself) {
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_TRUE(glob_matches("a?[b]", "a?[b]"));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_FALSE(glob_matches("a?", "ab"));
  EXPECT_FALSE(glob_matches("GPT", "gpt"));
}

TEST(Glob, ManyStarsDoNotTakeExponentialTime) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(2000, 'a')));
}

TEST(Nearest, FindsASlipOfTheKeyboard) {
  constexpr std::array<std::string_view, 4> keys = {"listeners", "backends", "pools", "url"};
  EXPECT_EQ(nearest("listner", keys), "listeners");
  EXPECT_EQ(nearest("backend", keys), "backends");
  EXPECT_EQ(nearest("Pools", keys), "pools");
  EXPECT_EQ(nearest("ulr", keys), std::nullopt);  // two edits in three letters could be anything
  EXPECT_EQ(nearest("uri", keys), "url");
}

TEST(Nearest, GivesNothingWhenNothingIsNear) {
  constexpr std::array<std::string_view, 2> keys = {"listeners", "tls"};
  EXPECT_EQ(nearest("weights", keys), std::nullopt);
  EXPECT_EQ(nearest("", keys), std::nullopt);
  EXPECT_EQ(nearest("listeners", {}), std::nullopt);
}

TEST(Nearest, PrefersTheNearerCandidate) {
  constexpr std::array<std::string_view, 2> keys = {"max_header_size", "max_header_fields"};
  EXPECT_EQ(nearest("max_header_sizes", keys), "max_header_size");
  EXPECT_EQ(nearest("max_header_feilds", keys), "max_header_fields");
}

TEST(JsonString, PlainTextIsQuotedAsItIs) {
  EXPECT_EQ(json(""), R"("")");
  EXPECT_EQ(json("East US / 2"), R"("East US / 2")");
  EXPECT_EQ(json("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

TEST(JsonString, T15ControlCharactersAreEscaped) {
  EXPECT_EQ(json("\"\\\n\r\t"), R"("\"\\\n\r\t")");
  EXPECT_EQ(json(std::string_view("\0\x1b\x7f", 3)), R"("\u0000\u001b\u007f")");
  EXPECT_EQ(json("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0"), "\"\\u0080\\u009b\\u009f\xc2\xa0\"") << "C1, and what is none";
}

TEST(JsonString, EveryByteIsWrittenTheSameWhereverItStands) {
  const std::string plain(20, 'x');
  for (int c = 0; c < 256; ++c) {
    const std::string byte(1, static_cast<char>(c));
    const std::string alone = json(byte + "x");
    const std::string written = alone.substr(1, alone.size() - 3);
    EXPECT_EQ(written == byte, c >= 0x20 && c < 0x7F && c != '"' && c != '\\') << c;
    for (std::size_t at = 0; at < plain.size(); ++at) {
      EXPECT_EQ(json(plain.substr(0, at) + byte + plain.substr(at)),
                '"' + plain.substr(0, at) + written + plain.substr(at) + '"')
          << c << " at " << at;
    }
  }
}

TEST(JsonString, T15InvalidUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(json("\xff"), R"("\ufffd")");
  EXPECT_EQ(json("\x80z"), R"("\ufffdz")");          // a continuation without a start
  EXPECT_EQ(json("\xc3(a"), R"("\ufffd(a")");        // a start without its continuation
  EXPECT_EQ(json("\xc3"), R"("\ufffd")");            // the same at the end
  EXPECT_EQ(json("\xe2\x82"), R"("\ufffd\ufffd")");  // cut
  EXPECT_EQ(json("\xf0\x9f\x98"), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(json("\xc0\xaf"), R"("\ufffd\ufffd")");  // overlong
  EXPECT_EQ(json("\xe0\x80\xaf"), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(json("\xf0\x80\x80\xaf"), R"("\ufffd\ufffd\ufffd\ufffd")");
  EXPECT_EQ(json("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");            // a surrogate
  EXPECT_EQ(json("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");  // above U+10FFFF
}

TEST(Hex, IsLowerCaseWithLeadingZeros) {
  constexpr std::array<std::uint8_t, 4> bytes = {0x00, 0x0f, 0xa5, 0xff};
  EXPECT_EQ(to_hex(bytes), "000fa5ff");
  EXPECT_EQ(to_hex({}), "");
}

}  // namespace
}  // namespace spillway
