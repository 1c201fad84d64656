#include "lab/wording.hpp"

#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

std::string joined(const std::vector<std::string>& tokens) {
  std::string all;
  for (const std::string& token : tokens) all += token;
  return all;
}

TEST(Tokeniser, GivesWordsWithTheirSpaces) {
  EXPECT_EQ(tokenise("You said: hello"), (std::vector<std::string>{"You", " said:", " hello"}));
  EXPECT_TRUE(tokenise("").empty());
}

TEST(Tokeniser, CutsLongWordsAtEightBytes) {
  EXPECT_EQ(tokenise("internationalisation"), (std::vector<std::string>{"internat", "ionalisa", "tion"}));
}

TEST(Tokeniser, NeverCutsInsideACharacter) {
  const std::string text = "größenwahnsinnig 日本語テキスト 🙂🙂🙂";
  const auto tokens = tokenise(text);
  EXPECT_EQ(joined(tokens), text);
  for (const std::string& token : tokens) {
    EXPECT_LE(token.size(), 8U) << token;
    EXPECT_NE(static_cast<unsigned char>(token.front()) & 0xC0U, 0x80U) << token;
  }
}

TEST(Tokeniser, BytesThatAreNoTextEndSomewhere) {
  const std::string bytes(100, '\x80');
  EXPECT_EQ(joined(tokenise(bytes)), bytes);
  for (const std::string& token : tokenise(bytes)) EXPECT_LE(token.size(), 8U);
}

TEST(Estimate, IsAFourthOfTheCharactersRoundedUp) {
  EXPECT_EQ(estimate_tokens(0), 0);
  EXPECT_EQ(estimate_tokens(1), 1);
  EXPECT_EQ(estimate_tokens(4), 1);
  EXPECT_EQ(estimate_tokens(5), 2);
}

TEST(Reply, EchoesThePromptAndFillsUpWithWords) {
  EXPECT_EQ(joined(reply_tokens("hello", 0, 1)), "You said: hello");
  const auto filled = reply_tokens("hello", 50, 1);
  EXPECT_EQ(filled.size(), 50U);
  EXPECT_EQ(filled, reply_tokens("hello", 50, 1));
  EXPECT_NE(filled, reply_tokens("hello", 50, 2));
  EXPECT_NE(filled, reply_tokens("hallo", 50, 1));
}

TEST(Reply, EchoesOnlyTheBeginningOfALongPromptInWholeCharacters) {
  std::string prompt;
  for (int i = 0; i < 300; ++i) prompt += "é";
  const std::string reply = joined(reply_tokens(prompt, 0, 1));
  EXPECT_EQ(reply.size(), std::string("You said: ").size() + 400);
  EXPECT_EQ(reply.substr(reply.size() - 2), "é");
}

TEST(Generator, MakesGuidsOfTheRightShape) {
  const std::string guid = Generator(7).guid();
  ASSERT_EQ(guid.size(), 36U);
  EXPECT_EQ(guid[8], '-');
  EXPECT_EQ(guid[13], '-');
  EXPECT_EQ(guid[14], '4');
  EXPECT_EQ(guid[18], '-');
  EXPECT_EQ(guid[23], '-');
  EXPECT_EQ(guid, Generator(7).guid());
  EXPECT_NE(guid, Generator(8).guid());
}

TEST(Base64, HasTheVectorsOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace spillway::lab
