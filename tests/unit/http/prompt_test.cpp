#include "spillway/http/prompt.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::http {
namespace {

TEST(StableHash, IsMurmurHash64A) {
  EXPECT_EQ(stable_hash(""), 0U);
  EXPECT_EQ(stable_hash("", 1), 0xC6A4A7935BD064DCU);
  EXPECT_EQ(stable_hash("a"), 0x071717D2D36B6B11U);
  EXPECT_EQ(stable_hash("a", 1), 0xA52BE5B3F6674B2AU);
  EXPECT_EQ(stable_hash("abcdefgh"), 0xAFDB0257FF41AA98U);
  EXPECT_EQ(stable_hash("abcdefghijk"), 0xFEFF07A18C726536U);
  EXPECT_EQ(stable_hash("abcdefghijk", 1), 0x4CA5518B972A3CCEU);
}

TEST(StableHash, DoesNotDependOnWhereTheTextLies) {
  const std::string text = "xyabcdefghijk";
  for (std::size_t at = 0; at < 3; ++at)
    EXPECT_EQ(stable_hash((text.substr(2 - at) + "z").substr(at, 11)), stable_hash("abcdefghijk"));
}

const std::string head = R"({"role":"system","content":"You help."})";
const std::string first = R"({"role":"user","content":"Hi"})";
const std::string second = R"({"role":"assistant","content":"Hello"})";

std::string chat(const std::string& messages, const std::string& more = "") {
  return R"({"model":"m","messages":[)" + messages + "]" + more + "}";
}

// Equal hashes of other releases are worth something only when they stay.
TEST(PromptHash, NeverChanges) {
  EXPECT_EQ(prompt_hash(R"({"prompt_cache_key":"k"})"), 0xC4550C2DA975E548U);
  EXPECT_EQ(prompt_hash(R"({"messages":[{"role":"system"}, "x"]})"), 0xB341BF638C644D71U);
}

TEST(PromptHash, IsTheSameForAConversationThatGrows) {
  const auto begun = prompt_hash(chat(head + "," + first));
  ASSERT_TRUE(begun);
  EXPECT_EQ(prompt_hash(chat(head + "," + first + "," + second)), begun);
  EXPECT_EQ(prompt_hash(chat(head + " , " + first + "\n," + second + "," + first, R"(,"stream":true)")), begun);
  EXPECT_EQ(prompt_hash(R"({"input":[)" + head + "," + first + "]}"),
            prompt_hash(R"({"input":[)" + head + "," + first + "," + second + "]}"));
}

TEST(PromptHash, IsAnotherForOtherLeadingMessages) {
  const auto begun = prompt_hash(chat(head + "," + first));
  EXPECT_NE(prompt_hash(chat(R"({"role":"system","content":"You hurt."},)" + first)), begun);
  EXPECT_NE(prompt_hash(chat(head + "," + second)), begun);
  EXPECT_NE(prompt_hash(chat(first + "," + head)), begun);
  EXPECT_NE(prompt_hash(chat(head)), begun);
  EXPECT_NE(prompt_hash(R"({"input":[)" + head + "," + first + "]}"), begun);
}

TEST(PromptHash, KeepsItemsApart) {
  EXPECT_NE(prompt_hash(R"({"input":["ab","c"]})"), prompt_hash(R"({"input":["a","bc"]})"));
  EXPECT_NE(prompt_hash(R"({"input":[[1,2]]})"), prompt_hash(R"({"input":[1,2]})"));
  EXPECT_EQ(prompt_hash(R"({"input":[1,2]})"), prompt_hash(R"({"input":[ 1 ,2 , {"a":[3]}]})"));
}

TEST(PromptHash, TakesInstructionsAndStringInputs) {
  const auto both = prompt_hash(R"({"instructions":"Help.","input":"Hi"})");
  ASSERT_TRUE(both);
  EXPECT_EQ(prompt_hash(R"({"input" : "Hi", "model":"m", "instructions": "Help."})"), both);
  EXPECT_NE(prompt_hash(R"({"instructions":"Hurt.","input":"Hi"})"), both);
  EXPECT_NE(prompt_hash(R"({"instructions":"Help.","input":"Ho"})"), both);
  EXPECT_NE(prompt_hash(R"({"input":"Hi"})"), both);
  EXPECT_EQ(prompt_hash(R"({"input":"Hi","instructions":null})"), prompt_hash(R"({"input":"Hi"})"));
  const std::string start(4096, 'x');
  EXPECT_EQ(prompt_hash(R"({"input":")" + start + R"("})"), prompt_hash(R"({"input":")" + start + R"(more"})"));
  EXPECT_NE(prompt_hash(R"({"input":")" + start + R"("})"), prompt_hash(R"({"input":")" + start.substr(1) + R"("})"));
}

TEST(PromptHash, IsThatOfTheCacheKeyWhenThereIsOne) {
  const auto key = prompt_hash(R"({"prompt_cache_key":"k-1"})");
  ASSERT_TRUE(key);
  EXPECT_EQ(prompt_hash(chat(head, R"(,"prompt_cache_key":"k-1")")), key);
  EXPECT_EQ(prompt_hash(R"({"prompt\u005fcache_key" : "k-1","input":"x"})"), key);
  EXPECT_NE(prompt_hash(chat(head, R"(,"prompt_cache_key":"k-2")")), key);
  EXPECT_EQ(prompt_hash(chat(head, R"(,"prompt_cache_key":"")")), prompt_hash(chat(head)));
  EXPECT_EQ(prompt_hash(chat(head, R"(,"prompt_cache_key":7)")), prompt_hash(chat(head)));
  EXPECT_EQ(prompt_hash(chat(head, R"(,"x":{"prompt_cache_key":"k-1"})")), prompt_hash(chat(head)));
}

TEST(PromptHash, GoesByTheTopLevelOnly) {
  const std::string deep = R"({"x":{"messages":[1,2],"input":"\"}]"},"y":[{"instructions":"a"}],"input":"Hi"})";
  EXPECT_EQ(prompt_hash(deep), prompt_hash(R"({"input":"Hi"})"));
}

TEST(PromptHash, IsNothingWithoutAnyOfThem) {
  for (const char* body :
       {"", "{}", " { } ", "[]", "\"input\"", R"({"model":"m"})", R"({"messages":[],"input":[ ],"instructions":null})",
        R"({"messages":{"a":1},"input":7,"prompt_cache_key":null})", R"({"input":"x")", R"({"input":"x"}})",
        R"({"input":"x",})", "not JSON", R"({"prompt_cache_key":"k" "input":"x"})"})
    EXPECT_EQ(prompt_hash(body), std::nullopt) << body;
}

TEST(PromptHash, ReadsStringsWithEscapesToTheirEnd) {
  EXPECT_EQ(prompt_hash(R"({"a":"\\","b":"\"","input":"x\"y\\"})"), prompt_hash(R"({"input":"x\"y\\"})"));
  EXPECT_NE(prompt_hash(R"({"input":"x\"y\\"})"), prompt_hash(R"({"input":"x\"z\\"})"));
  EXPECT_EQ(prompt_hash(R"({"input":["1234567\\","12345678\"]"],"a":[{"b":"}"}]})"),
            prompt_hash(R"({"a":"]","input":["1234567\\","12345678\"]"]})"));
}

}  // namespace
}  // namespace spillway::http
