#include "spillway/http/object_ids.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::http {
namespace {

using Body = ObjectIdMarker::Body;
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

// A mark is `@` and the size of the id.
ObjectIdMarker marker(Body body, bool is_object) {
  return {body, is_object, [](std::string& out, std::string_view id) { out += "@" + std::to_string(id.size()); }};
}

// What becomes of a body, the same whichever way it is cut.
std::string marked(const std::string& text, bool is_object = false, Body body = Body::json) {
  std::string whole;
  marker(body, is_object).feed(text, whole);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    ObjectIdMarker two = marker(body, is_object);
    std::string out;
    two.feed(std::string_view(text).substr(0, cut), out);
    EXPECT_GE(out.size(), cut);
    two.feed(std::string_view(text).substr(cut), out);
    EXPECT_EQ(out, whole) << "cut at " << cut;
  }
  ObjectIdMarker single = marker(body, is_object);
  std::string out;
  for (const char c : text) single.feed({&c, 1}, out);
  EXPECT_EQ(out, whole) << "one byte at a time";
  return whole;
}

std::string marked_events(const std::string& text, bool is_object = false) {
  return marked(text, is_object, Body::event_stream);
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

TEST(AnswerIds, AreMarkedWhenTheyBeginAsAKnownKind) {
  for (const char* kind : {"resp_", "conv_", "file-", "file_", "assistant-", "batch_", "ftjob-", "asst_", "thread_",
                           "vs_", "upload_", "cntr_", "eval_", "video_", "task_", "gen_"})
    EXPECT_EQ(
        marked(R"({"data":[{"id":")" + std::string(kind) + R"(1"}]})"),
        R"({"data":[{"id":")" + std::string(kind) + "1@" + std::to_string(std::string(kind).size() + 1) + R"("}]})");
}

TEST(AnswerIds, OfPartsStayAsTheyAre) {
  for (const char* part : {"msg_1", "run_1", "step_1", "vsfb_1", "rs_1", "fc_1", "cfile_1", "item_1", "part_1"}) {
    const std::string body = R"({"id":")" + std::string(part) + R"(","x":{"id":")" + part + R"("}})";
    EXPECT_EQ(marked(body, false), body);
    EXPECT_EQ(marked(body, true), body);
  }
  const std::string body = R"({"call_id":"resp_1","item_id":"resp_1","text":"resp_1","object":"file-1"})";
  EXPECT_EQ(marked(body, true), body);
}

TEST(AnswerIds, OfUnknownKindsAreMarkedAtTheTopOfAnObject) {
  EXPECT_EQ(marked(R"({"id":"3f2","data":{"id":"4a1"}})", true), R"({"id":"3f2@3","data":{"id":"4a1"}})");
  EXPECT_EQ(marked(R"({"id":"3f2"})", false), R"({"id":"3f2"})");
  EXPECT_EQ(marked(R"([{"id":"3f2"}])", true), R"([{"id":"3f2"}])");
  EXPECT_EQ(marked(R"({"response":{"id":"3f2"}})", true), R"({"response":{"id":"3f2"}})");
}

TEST(AnswerIds, AreMarkedUnderKeysThatRefer) {
  EXPECT_EQ(marked(R"({"previous_response_id":"x","conversation":{"id":"y"},"container":{"id":"z","a":{"id":"w"}}})"),
            R"({"previous_response_id":"x@1","conversation":{"id":"y@1"},"container":{"id":"z@1","a":{"id":"w"}}})");
  EXPECT_EQ(marked(R"({"file":{"id":"x"},"file":"y","result_files":["a",{"id":"bc"}],"training_file":"ddd"})"),
            R"({"file":{"id":"x@1"},"file":"y","result_files":["a@1",{"id":"bc@2"}],"training_file":"ddd@3"})");
}

TEST(AnswerIds, OfPagesAreMarkedOnlyForKnownKinds) {
  EXPECT_EQ(marked(R"({"first_id":"msg_1","last_id":"file-1","first_id":"","last_id":null})", true),
            R"({"first_id":"msg_1","last_id":"file-1@6","first_id":"","last_id":null})");
}

TEST(AnswerIds, AreMarkedInARealAnswer) {
  const std::string before =
      R"({"id":"resp_1","object":"response","previous_response_id":null,"conversation":{"id":"conv_12"},"output":[)"
      R"({"id":"msg_1","type":"message","content":[{"type":"output_text","text":"\"id\":\"resp_9\"","annotations":[)"
      R"({"type":"file_citation","file_id":"assistant-1"}]}]}],"metadata":{"id":"resp_2","file_id":"file-2"}})";
  const std::string after =
      R"({"id":"resp_1@6","object":"response","previous_response_id":null,"conversation":{"id":"conv_12@7"},"output":[)"
      R"({"id":"msg_1","type":"message","content":[{"type":"output_text","text":"\"id\":\"resp_9\"","annotations":[)"
      R"({"type":"file_citation","file_id":"assistant-1@11"}]}]}],"metadata":{"id":"resp_2","file_id":"file-2"}})";
  EXPECT_EQ(marked(before, true), after);
}

TEST(AnswerIds, PassWhenBrokenEscapedOrTooLong) {
  for (const std::string& body :
       {std::string(R"({"a" "id":"resp_1"})"), std::string(R"({"id":"resp\u005f1"})"), std::string("no JSON \"id\""),
        R"({"id":"resp_)" + std::string(max_object_id, 'x') + R"("})", std::string(R"({"a":1}{"id":"resp_1"})")})
    EXPECT_EQ(marked(body, true), body);
  EXPECT_EQ(marked(R"({"id":"resp_1","a":}{"id":"resp_2"})"), R"({"id":"resp_1@6","a":}{"id":"resp_2"})");
}

TEST(EventIds, AreMarkedInTheDataOfEachEvent) {
  for (const char* end : {"\n", "\r", "\r\n"}) {
    const std::string e(end);
    EXPECT_EQ(marked_events("event: response.created" + e + R"(data: {"type":"x","response":{"id":"resp_1"}})" + e + e +
                            R"(data:{"item_id":"msg_1","response_id":"r"})" + e + e + "data: [DONE]" + e + e),
              "event: response.created" + e + R"(data: {"type":"x","response":{"id":"resp_1@6"}})" + e + e +
                  R"(data:{"item_id":"msg_1","response_id":"r@1"})" + e + e + "data: [DONE]" + e + e);
  }
}

TEST(EventIds, AtTheTopAreThoseOfTheResponseToo) {
  EXPECT_EQ(marked_events("data: {\"response\":{\"id\":\"x\",\"response\":{\"id\":\"y\"}},\"id\":\"z\"}\n\n", true),
            "data: {\"response\":{\"id\":\"x@1\",\"response\":{\"id\":\"y\"}},\"id\":\"z@1\"}\n\n");
  EXPECT_EQ(marked_events("data: {\"response\":[{\"id\":\"x\"}]}\n\n", true),
            "data: {\"response\":[{\"id\":\"x\"}]}\n\n");
}

TEST(EventIds, StandInDataOfSeveralLines) {
  EXPECT_EQ(marked_events("data: {\"a\":\ndata:  1,\n: note\nid: 7\ndata:\"id\"\rdata: :\r\ndata: \"resp_1\"}\n\n"),
            "data: {\"a\":\ndata:  1,\n: note\nid: 7\ndata:\"id\"\rdata: :\r\ndata: \"resp_1@6\"}\n\n");
  const std::string split_string = "data: {\"id\":\"resp_\ndata: 1\"}\n\n";
  EXPECT_EQ(marked_events(split_string), split_string);
}

TEST(EventIds, AreFoundAgainAfterAnEventThatIsNoJson) {
  EXPECT_EQ(marked_events("data: {\"a\":[\n\ndata: {\"id\":\"resp_1\"}\n\ndata: x\n\ndata: {\"id\":\"resp_2\"}"),
            "data: {\"a\":[\n\ndata: {\"id\":\"resp_1@6\"}\n\ndata: x\n\ndata: {\"id\":\"resp_2@6\"}");
}

TEST(EventIds, AreOnlyInData) {
  for (const std::string line : {": {\"id\":\"resp_1\"}", "event: {\"id\":\"resp_1\"}", "dat: {\"id\":\"resp_1\"}",
                                 "data {\"id\":\"resp_1\"}", "datax: {\"id\":\"resp_1\"}", "{\"id\":\"resp_1\"}",
                                 " data: {\"id\":\"resp_1\"}", "\xEF\xBBx data: {\"id\":\"resp_1\"}"})
    EXPECT_EQ(marked_events(line + "\n\n"), line + "\n\n");
}

TEST(EventIds, MayStandBehindAByteOrderMark) {
  EXPECT_EQ(marked_events("\xEF\xBB\xBF"
                          "data: {\"id\":\"resp_1\"}\n\n"),
            "\xEF\xBB\xBF"
            "data: {\"id\":\"resp_1@6\"}\n\n");
  EXPECT_EQ(marked_events("\n\n\xEF\xBB\xBF"
                          "data: {\"id\":\"resp_1\"}\n\n"),
            "\n\n\xEF\xBB\xBF"
            "data: {\"id\":\"resp_1\"}\n\n");
}

TEST(AnswerIds, CanBeMarkedByAMarkerThatWasMoved) {
  ObjectIdMarker first = marker(Body::json, true);
  std::string out;
  first.feed(R"({"id":"res)", out);
  ObjectIdMarker second = std::move(first);
  second.feed(R"(p_1"})", out);
  EXPECT_EQ(out, R"({"id":"resp_1@6"})");
}

}  // namespace
}  // namespace spillway::http
