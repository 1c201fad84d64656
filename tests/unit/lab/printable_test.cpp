#include "lab/printable.hpp"

#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) {
  for (const char* text : {"", "eastus-ptu", "Norrköping", "日本東", "🚀"}) EXPECT_EQ(printable(text), text);
}

TEST(Printable, TakesOutWhatSteersATerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\uFFFD[2Jb");
  EXPECT_EQ(printable("a\r\nb\tc"), "a\uFFFD\uFFFDb\uFFFDc");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m\x7F"),
            "\uFFFD31m\uFFFD")
      << "the one-character CSI, and DEL";
  EXPECT_EQ(printable("a\u202Eb\u2066c\u2028"), "a\uFFFDb\uFFFDc\uFFFD");
}

TEST(Printable, TakesOutWhatIsNoUtf8) {
  EXPECT_EQ(printable("a\xFF"
                      "b"),
            "a\uFFFDb");
  EXPECT_EQ(printable("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(printable("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
  EXPECT_EQ(printable("\xE2\x82"), "\uFFFD\uFFFD") << "cut";
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "past U+10FFFF";
}

TEST(HtmlText, CannotLeaveItsPlace) {
  EXPECT_EQ(html_text("<script>alert(\"1\" & '2')</script>"),
            "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;");
  EXPECT_EQ(html_text("a\x1b<"), "a\uFFFD&lt;");
}

TEST(Fitted, HasTheWidthItShould) {
  EXPECT_EQ(fitted("ab", 4), "ab  ");
  EXPECT_EQ(fitted("abcd", 4), "abcd");
  EXPECT_EQ(fitted("abcde", 4), "abc…");
  EXPECT_EQ(fitted("åäöü", 3), "åä…");
  EXPECT_EQ(fitted("å", 2), "å ");
}

}  // namespace
}  // namespace spillway::lab
