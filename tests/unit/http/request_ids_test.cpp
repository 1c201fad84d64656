#include "spillway/http/object_ids.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::http {
namespace {

using testing::ElementsAre;

std::vector<std::string> ids(const std::string& json) {
  std::vector<std::string> out;
  for (const TextSpan& span : find_object_ids(json)) {
    EXPECT_EQ(json.at(span.offset - 1), '"');
    EXPECT_EQ(json.at(span.offset + span.size), '"');
    out.push_back(json.substr(span.offset, span.size));
  }
  return out;
}

TEST(RequestIds, AreFoundUnderEveryKeyThatRefersToAnObject) {
  for (const char* key : {"id",
                          "previous_response_id",
                          "response_id",
                          "conversation",
                          "conversation_id",
                          "thread_id",
                          "assistant_id",
                          "file_id",
                          "input_file_id",
                          "output_file_id",
                          "error_file_id",
                          "training_file",
                          "validation_file",
                          "vector_store_id",
                          "container",
                          "container_id",
                          "batch_id",
                          "upload_id",
                          "fine_tuning_job_id",
                          "eval_id",
                          "first_id",
                          "last_id",
                          "video_id"}) {
    EXPECT_THAT(ids(R"({")" + std::string(key) + R"(":"x-1"})"), ElementsAre("x-1")) << key;
    EXPECT_THAT(ids(R"({"a":[{"b":{")" + std::string(key) + R"(" : "x-1" }}]})"), ElementsAre("x-1")) << key;
    EXPECT_THAT(ids(R"({")" + std::string(key) + R"(_":"x-1","a)" + key + R"(":"x-2"})"), ElementsAre()) << key;
  }
  for (const char* key : {"file_ids", "vector_store_ids", "result_files"})
    EXPECT_THAT(ids(R"({")" + std::string(key) + R"(":["x-1", "x-2"],"z":["x-3"]})"), ElementsAre("x-1", "x-2")) << key;
}

TEST(RequestIds, AreFoundInARealRequest) {
  EXPECT_THAT(
      ids(R"({"model":"gpt-4o","previous_response_id":"resp_1","conversation":{"id":"conv_1"},"input":[{"role":"user",)"
          R"("content":[{"type":"input_text","text":"\"id\":\"resp_2\""},{"type":"input_file","file_id":"file-1"}]}],)"
          R"("tools":[{"type":"file_search","vector_store_ids":["vs_1","vs_2"]},{"type":"code_interpreter",)"
          R"("container":{"type":"auto","file_ids":["file-2"]}}],"metadata":{"id":"m"}})"),
      ElementsAre("resp_1", "conv_1", "file-1", "vs_1", "vs_2", "file-2"));
}

TEST(RequestIds, AreNotLookedForInMetadataAtAnyDepth) {
  EXPECT_THAT(ids(R"({"metadata":{"id":"a","x":[{"file_id":"b"}],"metadata":{"id":"c"}},"id":"d"})"), ElementsAre("d"));
  EXPECT_THAT(ids(R"({"x":[{"metadata":{"id":"a"},"id":"b"}],"metadata":"m","file_id":"c"})"), ElementsAre("b", "c"));
  EXPECT_THAT(ids(R"({"metadata":[{"id":"a"}],"id":"b"})"), ElementsAre("b"));
  EXPECT_THAT(ids(R"({"metadata":{"metadata":{"id":"a"},"id":"b"},"id":"c"})"), ElementsAre("c"));
}

TEST(RequestIds, AreStringsWithoutEscapesOfABoundedSize) {
  EXPECT_THAT(ids(R"({"id":1,"file_id":null,"thread_id":true,"container":{},"id":["x"],"id":"a\u0062","id":"c"})"),
              ElementsAre("c"));
  const std::string longest(max_object_id, 'x');
  EXPECT_THAT(ids(R"({"id":")" + longest + R"("})"), ElementsAre(longest));
  EXPECT_THAT(ids(R"({"id":")" + longest + R"(x","id":"y"})"), ElementsAre("y"));
}

TEST(RequestIds, StandUnderKeysWrittenWithEscapesToo) {
  EXPECT_THAT(ids(R"({"i\u0064":"a","\u0069\u0064":"b","file\u005fid":"c","i\d":"d","\u0000":"e"})"),
              ElementsAre("a", "b", "c"));
  std::string key;
  for (const char c : std::string("previous_response_id")) {
    constexpr std::string_view digits = "0123456789abcdef";
    key += "\\u00";
    key += digits[static_cast<unsigned char>(c) >> 4U];
    key += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  EXPECT_THAT(ids("{\"" + key + "\":\"a\"}"), ElementsAre("a"));
}

TEST(RequestIds, CountEachTimeAKeyComes) {
  EXPECT_THAT(ids(R"({"file_id":"a","file_id":"b"})"), ElementsAre("a", "b"));
}

TEST(RequestIds, AreNotInListsOfLists) {
  EXPECT_THAT(ids(R"({"file_ids":[["a"],"b",[["c"]]]})"), ElementsAre("b"));
  EXPECT_THAT(ids(R"({"result_files":[{"id":"a","x":"b"},{"y":["c"]}]})"), ElementsAre("a"));
  EXPECT_THAT(ids(R"([[["a"]],{"id":"b"}])"), ElementsAre("b"));
}

TEST(RequestIds, OfABrokenBodyAreThoseBeforeTheBreak) {
  for (const char* rest : {"}", "]", ",", ":", "\"x\"", "{", "@", "\n\"", "\"id\":\"b\""})
    EXPECT_THAT(ids(R"({"id":"a" )" + std::string(rest) + R"( , "id":"c"})").front(), "a") << rest;
  EXPECT_THAT(ids(R"({"id":"a" "id":"b"})"), ElementsAre("a"));
  EXPECT_THAT(ids("{\"id\":\"a\",\"x\":\"line\nend\",\"id\":\"b\"}"), ElementsAre("a"));
  EXPECT_THAT(ids(R"({"id":"a"} {"id":"b"})"), ElementsAre("a"));
  EXPECT_THAT(ids(R"({"id":"a","id":"b)"), ElementsAre("a"));
  EXPECT_THAT(ids(R"(id=a&x="id":"b")"), ElementsAre());
  EXPECT_THAT(ids(R"("id")"), ElementsAre());
  EXPECT_THAT(ids(R"({"id":"a"]"id":"b"})"), ElementsAre("a"));
  EXPECT_THAT(ids(R"(}{"id":"a"})"), ElementsAre());
  EXPECT_THAT(ids(R"(1,{"id":"a"})"), ElementsAre());
  EXPECT_THAT(ids(""), ElementsAre());
}

TEST(RequestIds, AreFoundAsDeepAsBodiesMayBe) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth - 1, '[') + R"({"id":"a"})" + std::string(depth - 1, ']');
  };
  EXPECT_THAT(ids(nested(512)), ElementsAre("a"));
  EXPECT_THAT(ids(nested(513)), ElementsAre());
  EXPECT_THAT(ids(std::string(100'000, '[')), ElementsAre());
}

TEST(RequestIds, AreFoundBehindHugeStrings) {
  EXPECT_THAT(ids(R"({"image":")" + std::string(1 << 20, 'A') + R"(","file_id":")" + std::string(1 << 20, 'B') +
                  R"(","id":"a"})"),
              ElementsAre("a"));
}

}  // namespace
}  // namespace spillway::http
