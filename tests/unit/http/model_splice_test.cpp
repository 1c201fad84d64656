#include "spillway/http/model_splice.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::http {
namespace {

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

ModelState state_of(std::string_view body) {
  return ModelScan().scan(body, true);
}

std::string model_of(std::string_view body) {
  ModelScan scan;
  return scan.scan(body, true) == ModelState::found ? scan.value() : "(none)";
}

TEST(ModelScan, FindsTheTopLevelModel) {
  EXPECT_EQ(model_of(R"({"model":"gpt-4o"})"), "gpt-4o");
  EXPECT_EQ(model_of(R"({"messages":[{"role":"user","content":"hi"}],"model":"gpt-4o","stream":true})"), "gpt-4o");
  EXPECT_EQ(model_of(" \t\r\n{ \"model\" :\n\"gpt-4o\" } \r\n"), "gpt-4o");
  EXPECT_EQ(model_of(R"({"model":""})"), "");
  EXPECT_EQ(model_of("{\"model\":\"\xC3\xA4\"}"), "\xC3\xA4");
}

TEST(ModelScan, SaysWhereTheModelStands) {
  const std::string body = R"({"a":"model","model": "gpt\u002d4o","z":1})";
  ModelScan scan;
  ASSERT_EQ(scan.scan(body, true), ModelState::found);
  EXPECT_EQ(body.substr(scan.span().offset, scan.span().size), R"(gpt\u002d4o)");
  EXPECT_EQ(scan.value(), "gpt-4o");
}

TEST(ModelScan, IgnoresNestedModelsAndModelsAsValues) {
  EXPECT_EQ(state_of(R"({"a":{"model":"x"},"b":[{"model":"y"}],"c":"model","d":["model","z"]})"), ModelState::absent);
  EXPECT_EQ(model_of(R"({"a":{"model":"x"},"model":"y","b":{"model":"z"}})"), "y");
  EXPECT_EQ(model_of(R"({"a":"\"model\":\"x\"","model":"y"})"), "y");
}

TEST(ModelScan, KnowsOtherKeysThatLookSimilar) {
  EXPECT_EQ(state_of(R"({"Model":"x","models":"y","mode":"z","model ":"w","\\model":"v"})"), ModelState::absent);
}

TEST(ModelScan, KnowsAKeyWrittenWithEscapes) {
  EXPECT_EQ(model_of(R"({"mod\u0065l":"x"})"), "x");
  EXPECT_EQ(model_of(R"({"\u006d\u006F\u0064\u0065\u006c":"x"})"), "x");
  EXPECT_EQ(state_of(R"({"mod\u0045l":"x"})"), ModelState::absent);
}

TEST(ModelScan, ResolvesEveryEscapeOfTheValue) {
  EXPECT_EQ(model_of(R"({"model":"\"\\\/\b\f\n\r\t"})"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(model_of(R"({"model":"\u0041\u00e4\u20AC\uD83D\uDE00"})"), "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(ModelScan, RefusesHalfASurrogatePairInTheModel) {
  for (const char* value : {R"(\ud83d)", R"(\ude00)", R"(\ud83dx)", R"(\ud83d\n)", R"(\ud83dA)", R"(\ud83d\ud83d)"}) {
    EXPECT_EQ(state_of(R"({"model":")" + std::string(value) + "\"}"), ModelState::not_json) << value;
  }
}

TEST(ModelScan, FindsDuplicatesHoweverTheyAreWritten) {
  EXPECT_EQ(state_of(R"({"model":"x","model":"x"})"), ModelState::duplicate);
  EXPECT_EQ(state_of(R"({"model":"x","a":1,"m\u006fdel":"y"})"), ModelState::duplicate);
  EXPECT_EQ(state_of(R"({"model":null,"model":"x"})"), ModelState::duplicate);
  EXPECT_EQ(state_of(R"({"model":"x","model":[]})"), ModelState::duplicate);
}

TEST(ModelScan, AModelThatIsNotAStringIsAbsent) {
  for (const char* value : {"null", "1", "true", "{}", "[]", R"(["x"])", R"({"model":"x"})", "-1.5e3"}) {
    EXPECT_EQ(state_of(R"({"model":)" + std::string(value) + "}"), ModelState::absent) << value;
    EXPECT_EQ(state_of(R"({"model":)" + std::string(value) + R"(,"a":"x"})"), ModelState::absent) << value;
  }
}

TEST(ModelScan, AModelLongerThanAnyNameIsAbsent) {
  EXPECT_EQ(model_of(R"({"model":")" + std::string(max_model_size, 'x') + "\"}").size(), max_model_size);
  EXPECT_EQ(state_of(R"({"model":")" + std::string(max_model_size + 1, 'x') + "\"}"), ModelState::absent);
}

TEST(ModelScan, AnObjectWithoutModelIsAbsent) {
  for (const char* body : {"{}", " { } ", R"({"a":1})", R"({"a":[1,2,{"b":null}],"c":{},"d":[]})"}) {
    EXPECT_EQ(state_of(body), ModelState::absent) << body;
  }
}

TEST(ModelScan, AcceptsEveryScalar) {
  for (const char* value :
       {"0", "-0", "10", "1.5", "1e5", "1E+5", "1.25e-10", "true", "false", "null", "123456789012345678901"}) {
    EXPECT_EQ(state_of(R"({"a":)" + std::string(value) + "}"), ModelState::absent) << value;
    EXPECT_EQ(state_of(R"({"a":[)" + std::string(value) + "]}"), ModelState::absent) << value;
  }
}

TEST(ModelScan, RefusesWhatIsNotJson) {
  for (const char* body : {"",
                           " ",
                           "x",
                           "[]",
                           "\"model\"",
                           "1",
                           "null",
                           "\xEF\xBB\xBF{}",
                           "{",
                           "{\"",
                           "{\"model\"",
                           "{\"model\":",
                           "{\"model\":\"x",
                           "{\"model\":\"x\"",
                           "{\"model\":\"x\",",
                           "{\"model\":\"x\",}",
                           "{,}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":,}",
                           "{\"a\" 1}",
                           "{\"a\":1 2}",
                           "{\"a\":1,,\"b\":2}",
                           "{a:1}",
                           "{'a':1}",
                           "{1:2}",
                           "{\"a\":'x'}",
                           "{\"a\":x}",
                           "{\"a\":01}",
                           "{\"a\":+1}",
                           "{\"a\":1.}",
                           "{\"a\":.5}",
                           "{\"a\":1e}",
                           "{\"a\":-}",
                           "{\"a\":0x1}",
                           "{\"a\":NaN}",
                           "{\"a\":truex}",
                           "{\"a\":True}",
                           "{\"a\":[1,]}",
                           "{\"a\":[,]}",
                           "{\"a\":[1}",
                           "{\"a\":{]}",
                           "{]",
                           "{\"a\":[}]",
                           "{\"a\":[1:2]}",
                           "{}}",
                           "{}{}",
                           "{} x",
                           "{},",
                           "{/**/}",
                           "{\"a\":[/*\"*/]}",
                           "{\"a\":1}//",
                           "{\"a\":\"\n\"}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\u12g4\"}",
                           "{\"a\":\"\\u12\"}",
                           "{\"a\\\":1}",
                           "{:}",
                           "{\"a\"::1}",
                           "{\"a\":1:}",
                           "model=gpt-4o",
                           "--boundary",
                           "\x1F\x8B"}) {
    EXPECT_EQ(state_of(body), ModelState::not_json) << body;
  }
  EXPECT_EQ(state_of(std::string_view("{\"a\":\"\0\"}", 9)), ModelState::not_json);
  EXPECT_EQ(state_of(std::string_view("{}\0", 3)), ModelState::not_json);
}

TEST(ModelScan, TakesNestingUpToItsLimit) {
  const std::size_t most = ModelScan::max_depth - 1;  // the body's own object is one level
  EXPECT_EQ(state_of("{\"a\":" + repeat("[", most) + repeat("]", most) + "}"), ModelState::absent);
  EXPECT_EQ(state_of("{\"a\":" + repeat("[", most + 1) + repeat("]", most + 1) + "}"), ModelState::not_json);
  EXPECT_EQ(state_of(repeat("{\"a\":", most + 1) + "1" + repeat("}", most + 1)), ModelState::absent);
  EXPECT_EQ(state_of(repeat("{\"a\":", 1'000'000)), ModelState::not_json);
  EXPECT_EQ(state_of("{\"a\":" + repeat("[{\"a\":", 200) + "1" + repeat("}]", 199) + "]}}"), ModelState::not_json);
}

TEST(ModelScan, NeedsTheWholeBodyToBeSure) {
  const std::string body = R"({"model":"gpt-4o","a":{"b":[1,"\u0041"]}} )";
  const std::size_t found_at = body.find("o\"") + 2;
  ModelScan scan;
  for (std::size_t size = 0; size <= body.size(); ++size) {
    ASSERT_EQ(scan.scan(std::string_view(body).substr(0, size), false), ModelState::need_more) << size;
    ASSERT_EQ(scan.found_at_least_once(), size >= found_at) << size;
  }
  EXPECT_EQ(scan.value(), "gpt-4o");
  EXPECT_EQ(scan.scan(body, true), ModelState::found);
  EXPECT_EQ(scan.scan(body, true), ModelState::found);
}

TEST(ModelScan, EndsTheSameSplitAtEveryByte) {
  const std::vector<std::string> bodies = {
      R"({"a":"\\\"\u00e4","mod\u0065l":"gpt\u002d4o\n","b":[-1.5e+3,true,{"model":"x"}]})",
      R"({"a":12345,"b":null,"model":1})",
      R"({"model":"x","a":[],"model":"y"})",
      R"({"model":"x"} x)",
      R"({"a":"\u12x"})",
      R"({"a":tru})",
      "{\"a\":\"" + std::string(200, 'x') + "\",\"model\":\"y\"}",
  };
  for (const std::string& body : bodies) {
    ModelScan whole;
    const ModelState expected = whole.scan(body, true);
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
      ModelScan scan;
      const std::string first = body.substr(0, cut);
      scan.scan(first, false);
      ASSERT_EQ(scan.scan(body, true), expected) << body << " cut at " << cut;
      ASSERT_EQ(scan.value(), whole.value());
      ASSERT_EQ(scan.span().offset, whole.span().offset);
    }
    ModelScan bytes;
    for (std::size_t size = 0; size < body.size(); ++size) bytes.scan(std::string_view(body).substr(0, size), false);
    ASSERT_EQ(bytes.scan(body, true), expected) << body;
  }
}

TEST(ModelScan, SkipsStringsOfAnyLengthAndAlignment) {
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string filler(length, 'x');
    EXPECT_EQ(model_of("{\"a\":\"" + filler + "\\\"\",\"model\":\"m\"}"), "m");
    EXPECT_EQ(state_of("{\"a\":\"" + filler + "\x1F" + filler + "\"}"), ModelState::not_json);
    EXPECT_EQ(model_of("{\"a\":\"" + filler + "\xFF\x80\",\"model\":\"m\"}"), "m");
  }
}

TEST(JsonStringContents, EscapesWhatJsonNeeds) {
  EXPECT_EQ(json_string_contents("gpt-4o"), "gpt-4o");
  EXPECT_EQ(json_string_contents("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
  EXPECT_EQ(json_string_contents(""), "");
  EXPECT_EQ(model_of("{\"model\":\"" + json_string_contents("\x01\"\\\t\xC3\xA4") + "\"}"), "\x01\"\\\t\xC3\xA4");
}

}  // namespace
}  // namespace spillway::http
