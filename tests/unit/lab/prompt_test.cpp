#include "lab/prompt.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/form.hpp"
#include "lab/tools.hpp"

namespace spillway::lab {
namespace {

Prompt prompt(Operation operation, std::string_view body) {
  return read_prompt(operation, *parse_json(body));
}

TEST(Prompt, CountsAllMessagesAndRemembersTheUsersLast) {
  const Prompt chat = prompt(Operation::chat_completions, R"({"messages":[{"role":"system","content":"12345678"},
      {"role":"user","content":"first"},{"role":"assistant","content":"x"},
      {"role":"user","content":[{"type":"text","text":"second"},{"type":"image_url","image_url":{"url":"data:long"}}]}]})");
  EXPECT_EQ(chat.last, "second");
  EXPECT_EQ(chat.tokens, 5 + 85);
  EXPECT_FALSE(chat.last_is_tools);
}

TEST(Prompt, AToolsResultComesLast) {
  const Prompt chat =
      prompt(Operation::chat_completions,
             R"({"messages":[{"role":"user","content":"q"},{"role":"tool","tool_call_id":"c","content":"42"}]})");
  EXPECT_EQ(chat.last, "42");
  EXPECT_TRUE(chat.last_is_tools);
}

TEST(Prompt, TheEstimateIsPromptAndMaxTokensForEachCompletion) {
  const std::string messages = R"("messages":[{"role":"user","content":"12345678"}])";
  EXPECT_EQ(prompt(Operation::chat_completions, "{" + messages + "}").estimate(256), 2 + 256);
  EXPECT_EQ(prompt(Operation::chat_completions, "{" + messages + R"(,"max_tokens":100,"n":3})").estimate(256), 2 + 300);
  EXPECT_EQ(prompt(Operation::chat_completions, "{" + messages + R"(,"max_tokens":9,"max_completion_tokens":50})")
                .estimate(256),
            52);
  EXPECT_EQ(prompt(Operation::completions, R"({"prompt":"1234","best_of":2})").estimate(256), 1 + 32);
  EXPECT_EQ(prompt(Operation::create_response, R"({"input":"1234","instructions":"1234","max_output_tokens":10})")
                .estimate(256),
            12);
}

TEST(Prompt, ReadsEveryShapeOfEmbeddingsInput) {
  EXPECT_EQ(prompt(Operation::embeddings, R"({"input":"12345"})").tokens, 2);
  EXPECT_EQ(prompt(Operation::embeddings, R"({"input":["1234","5678"]})").tokens, 2);
  EXPECT_EQ(prompt(Operation::embeddings, R"({"input":[1,2,3]})").tokens, 3);
  EXPECT_EQ(prompt(Operation::embeddings, R"({"input":[[1,2],[3]]})").tokens, 3);
}

TEST(Prompt, ReadsResponsesItems) {
  const Prompt items = prompt(Operation::create_response,
                              R"({"input":[{"role":"user","content":[{"type":"input_text","text":"hi"}]},
                                           {"type":"function_call_output","call_id":"c","output":"42"}]})");
  EXPECT_EQ(items.last, "42");
  EXPECT_TRUE(items.last_is_tools);
}

TEST(Prompt, ToleratesNonsense) {
  for (const char* body :
       {"null", "[]", "7", R"({"messages":7})", R"({"messages":[1,null,{"content":{}}]})", R"({"max_tokens":-5})"}) {
    const Prompt read = prompt(Operation::chat_completions, body);
    EXPECT_EQ(read.max_tokens, 0) << body;
    EXPECT_EQ(read.completions, 1) << body;
  }
  EXPECT_EQ(prompt(Operation::chat_completions, R"({"n":18446744073709551615,"max_tokens":99999999999999})").max_tokens,
            10'000'000);
}

std::optional<ToolCall> chosen(std::string_view choice, std::string_view last = "hello", bool last_is_tools = false) {
  const std::string body =
      R"({"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
      "properties":{"city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["c","f"]}}}}},
      {"type":"function","function":{"name":"get_time"}}])" +
      std::string(choice) + "}";
  return chosen_tool(*parse_json(body), last, last_is_tools);
}

TEST(Tools, RequiredCallsTheFirst) {
  const auto call = chosen(R"(,"tool_choice":"required")");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->name, "get_weather");
  EXPECT_EQ(call->arguments, R"({"city":"city","days":1,"unit":"c"})");
  EXPECT_FALSE(call->by_name);
}

TEST(Tools, AChoiceByNameIsObeyedInBothShapes) {
  const auto chat = chosen(R"(,"tool_choice":{"type":"function","function":{"name":"get_time"}})");
  ASSERT_TRUE(chat);
  EXPECT_EQ(chat->name, "get_time");
  EXPECT_EQ(chat->arguments, "{}");
  EXPECT_TRUE(chat->by_name);
  EXPECT_EQ(chosen(R"(,"tool_choice":{"type":"function","name":"get_time"})")->name, "get_time");
}

TEST(Tools, AutoCallsTheFunctionTheUserNames) {
  EXPECT_FALSE(chosen(""));
  EXPECT_EQ(chosen("", "please get_time now")->name, "get_time");
  EXPECT_FALSE(chosen("", "please get_time now", true)) << "a result is answered with text";
  EXPECT_FALSE(chosen(R"(,"tool_choice":"none")", "please get_time now"));
}

TEST(Schema, GivesAnExampleOfEveryEverydayKind) {
  const auto example = [](std::string_view schema) { return dump(example_of(*parse_json(schema))); };
  EXPECT_EQ(example(R"({"type":"array","items":{"type":"number","minimum":3}})"), "[3]");
  EXPECT_EQ(example(R"({"anyOf":[{"type":"boolean"},{"type":"null"}]})"), "true");
  EXPECT_EQ(example(R"({"type":["string","null"]})"), R"("text")");
  EXPECT_EQ(example(R"({"const":5})"), "5");
  EXPECT_EQ(example(R"({"default":"x","type":"string"})"), R"("x")");
  EXPECT_EQ(example(R"({"type":"object","properties":{"p":{"$ref":"#/$defs/P"}},"$defs":{"P":{"type":"integer"}}})"),
            R"({"p":1})");
}

TEST(Schema, ThatRefersToItselfEnds) {
  const Json schema =
      *parse_json(R"({"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}})");
  EXPECT_FALSE(dump(example_of(schema)).empty());
}

TEST(Form, ReadsFieldsAndFiles) {
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n"
      "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".wav\"\r\nContent-Type: "
      "audio/wav\r\n\r\n"
      "--B\r\n\r\n--C\r\n--B--\r\n";
  EXPECT_FALSE(read_form("multipart/form-data; boundary=B", body)) << "a boundary inside a part ends it";
  const std::string clean =
      "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n"
      "--B\r\ncontent-disposition: form-data; filename=\"a \\\"b\\\".wav\"; name=\"file\"\r\nContent-Type: "
      "audio/wav\r\n\r\n"
      "\r\n-- no end\r\n--B--\r\n";
  const auto form = read_form("multipart/form-data; boundary=B", clean);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->value("model"), "whisper");
  ASSERT_NE(form->find("file"), nullptr);
  EXPECT_EQ(form->find("file")->file_name, "a \"b\".wav");
  EXPECT_EQ(form->value("file"), "\r\n-- no end");
  EXPECT_EQ(form->find("other"), nullptr);
}

TEST(Form, WhatIsNoneIsRefused) {
  EXPECT_FALSE(read_form("application/json", "{}"));
  EXPECT_FALSE(read_form("multipart/form-data; boundary=B", ""));
  EXPECT_FALSE(
      read_form("multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ncut"));
}

}  // namespace
}  // namespace spillway::lab
