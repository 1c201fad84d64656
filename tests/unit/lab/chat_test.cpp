#include "resource_fixture.hpp"

namespace spillway::lab {
namespace {

using ChatTest = ResourceTest;

TEST_F(ChatTest, AnswersWithAzuresMembers) {
  const Json answer = parsed(chat(hello));
  EXPECT_EQ(member(answer, "object"), "chat.completion");
  EXPECT_EQ(member(answer, "model"), "gpt-4o-2024-08-06") << "the version, not the deployment";
  EXPECT_EQ(member(answer, "created"), 1'760'000'000);
  EXPECT_TRUE(member(answer, "prompt_filter_results").is_array());
  const Json& choice = member(answer, "choices").front();
  EXPECT_EQ(member(choice, "finish_reason"), "stop");
  EXPECT_EQ(member(member(choice, "message"), "content"), "You said: hello");
  EXPECT_EQ(member(member(member(choice, "content_filter_results"), "hate"), "severity"), "safe");
  EXPECT_EQ(member(member(answer, "usage"), "prompt_tokens"), 2);
  EXPECT_EQ(member(member(answer, "usage"), "completion_tokens"), 3);
  EXPECT_EQ(member(member(answer, "usage"), "total_tokens"), 5);
}

TEST_F(ChatTest, MaxTokensCutsTheAnswer) {
  const Json answer = parsed(chat(R"({"messages":[{"role":"user","content":"hello"}],"max_tokens":2})"));
  const Json& choice = member(answer, "choices").front();
  EXPECT_EQ(member(choice, "finish_reason"), "length");
  EXPECT_EQ(member(member(choice, "message"), "content"), "You said:");
}

TEST_F(ChatTest, GivesAsManyChoicesAsAsked) {
  const Json answer = parsed(chat(R"({"messages":[{"role":"user","content":"hello"}],"n":3})"));
  EXPECT_EQ(member(answer, "choices").size(), 3U);
  EXPECT_EQ(member(member(answer, "choices")[2], "index"), 2);
  EXPECT_EQ(member(member(answer, "usage"), "completion_tokens"), 9);
}

TEST_F(ChatTest, RefusesWhatAzureRefuses) {
  EXPECT_EQ(chat("{}").status, 400);
  EXPECT_EQ(chat(R"({"messages":[]})").status, 400);
  const Answer hot = chat(R"({"messages":[{"role":"user","content":"x"}],"temperature":3})");
  EXPECT_EQ(hot.status, 400);
  EXPECT_EQ(member(member(parsed(hot), "error"), "param"), "temperature");
  EXPECT_TRUE(member(member(parsed(hot), "error"), "code").is_null());
  EXPECT_EQ(chat(R"({"messages":[{"role":"user","content":"x"}],"max_tokens":0})").status, 400);
}

TEST_F(ChatTest, StreamsInAzuresOrder) {
  const Answer answer = chat(R"({"messages":[{"role":"user","content":"hello"}],"stream":true})");
  EXPECT_EQ(answer.content_type, "text/event-stream; charset=utf-8");
  EXPECT_FALSE(answer.length) << "chunked";
  const auto all = events(answer);
  ASSERT_EQ(all.size(), 7U);
  const Json first = *parse_json(all[0].data);
  EXPECT_TRUE(member(first, "choices").empty());
  EXPECT_EQ(member(first, "id"), "");
  EXPECT_TRUE(first.contains("prompt_filter_results"));
  EXPECT_FALSE(first.contains("usage")) << "not asked for";

  const auto choice = [&](std::size_t i) { return member(*parse_json(all[i].data), "choices").front(); };
  EXPECT_EQ(member(member(choice(1), "delta"), "role"), "assistant");
  std::string text;
  for (std::size_t i = 2; i < 5; ++i) {
    text += text_of(member(member(choice(i), "delta"), "content"));
    EXPECT_TRUE(choice(i).contains("content_filter_results"));
    EXPECT_TRUE(member(choice(i), "finish_reason").is_null());
  }
  EXPECT_EQ(text, "You said: hello");
  EXPECT_EQ(member(choice(5), "finish_reason"), "stop");
  EXPECT_TRUE(member(choice(5), "delta").empty());
  EXPECT_EQ(all[6].data, "[DONE]");
}

TEST_F(ChatTest, StreamsUsageWhenAskedAndNullBefore) {
  const auto all = events(chat(
      R"({"messages":[{"role":"user","content":"hello"}],"stream":true,"stream_options":{"include_usage":true}})"));
  ASSERT_EQ(all.size(), 8U);
  for (std::size_t i = 0; i < 6; ++i) {
    const Json chunk = *parse_json(all[i].data);
    EXPECT_TRUE(chunk.contains("usage") && member(chunk, "usage").is_null()) << i;
  }
  const Json last = *parse_json(all[6].data);
  EXPECT_TRUE(member(last, "choices").empty());
  EXPECT_EQ(member(member(last, "usage"), "total_tokens"), 5);
  EXPECT_EQ(all[7].data, "[DONE]");
}

constexpr std::string_view with_tool =
    R"("messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}])";

TEST_F(ChatTest, CallsAFunctionWhenOneIsRequired) {
  const Json answer = parsed(chat("{" + std::string(with_tool) + R"(,"tool_choice":"required"})"));
  const Json& choice = member(answer, "choices").front();
  EXPECT_EQ(member(choice, "finish_reason"), "tool_calls");
  EXPECT_TRUE(member(member(choice, "message"), "content").is_null());
  const Json& call = member(member(choice, "message"), "tool_calls").front();
  EXPECT_EQ(member(member(call, "function"), "name"), "f");
  EXPECT_EQ(member(member(call, "function"), "arguments"), R"({"a":1})");
}

TEST_F(ChatTest, StopsWhenTheFunctionWasForcedByName) {
  const Json answer =
      parsed(chat("{" + std::string(with_tool) + R"(,"tool_choice":{"type":"function","function":{"name":"f"}}})"));
  EXPECT_EQ(member(member(answer, "choices").front(), "finish_reason"), "stop");
}

TEST_F(ChatTest, StreamsTheArgumentsOfACall) {
  const auto all = events(chat("{" + std::string(with_tool) + R"(,"tool_choice":"required","stream":true})"));
  std::string arguments;
  std::string name;
  for (const auto& event : all) {
    if (event.data == "[DONE]") break;
    const Json chunk = *parse_json(event.data);
    if (member(chunk, "choices").empty()) continue;
    const Json& calls = member(member(member(chunk, "choices").front(), "delta"), "tool_calls");
    if (!calls.is_array()) continue;
    name += text_of(member(member(calls.front(), "function"), "name"));
    arguments += text_of(member(member(calls.front(), "function"), "arguments"));
    EXPECT_EQ(member(calls.front(), "index"), 0);
  }
  EXPECT_EQ(name, "f");
  EXPECT_EQ(arguments, R"({"a":1})");
}

TEST_F(ChatTest, AnswersWithJsonWhenAFormatAsksForIt) {
  const auto content = [&](std::string_view format) {
    const Json answer =
        parsed(chat(R"({"messages":[{"role":"user","content":"hi"}],"response_format":)" + std::string(format) + "}"));
    return text_of(member(member(member(answer, "choices").front(), "message"), "content"));
  };
  EXPECT_EQ(content(R"({"type":"json_object"})"), R"({"echo":"hi"})");
  EXPECT_EQ(
      content(
          R"({"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"k":{"type":"string"}}}}})"),
      R"({"k":"k"})");
}

TEST_F(ChatTest, EchoesAnythingAsOneLineOfJson) {
  const Answer answer = chat("{\"messages\":[{\"role\":\"user\",\"content\":\"a\\nb \\u00e9 \\\"q\\\"\"}]}");
  EXPECT_EQ(answer.body().find('\n'), std::string::npos);
  EXPECT_EQ(member(member(member(parsed(answer), "choices").front(), "message"), "content"), "You said: a\nb é \"q\"");
}

TEST_F(ChatTest, CompletesTextTheOldWay) {
  const Answer answer =
      send("POST", "/openai/deployments/gpt-4o/completions?api-version=2024-10-21", R"({"prompt":"hello"})");
  EXPECT_EQ(member(member(parsed(answer), "choices").front(), "text"), "You said: hello");
  const auto all = events(send("POST", "/openai/deployments/gpt-4o/completions?api-version=2024-10-21",
                               R"({"prompt":"hello","stream":true,"stream_options":{"include_usage":true}})"));
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(member(member(*parse_json(all[4].data), "usage"), "total_tokens"), 5);
  EXPECT_EQ(all[5].data, "[DONE]");
}

}  // namespace
}  // namespace spillway::lab
