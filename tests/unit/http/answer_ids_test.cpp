#include "spillway/http/object_ids.hpp"

#include <gtest/gtest.h>

namespace spillway::http {
namespace {

using Body = ObjectIdMarker::Body;

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
  for (const std::string line :
       {": {\"id\":\"resp_1\"}", "event: {\"id\":\"resp_1\"}", "dat: {\"id\":\"resp_1\"}", "data {\"id\":\"resp_1\"}",
        "datax: {\"id\":\"resp_1\"}", "{\"id\":\"resp_1\"}", " data: {\"id\":\"resp_1\"}",
        "\xEF\xBBx data: {\"id\":\"resp_1\"}", "\xEF\xBBta: {\"id\":\"resp_1\"}"})
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
