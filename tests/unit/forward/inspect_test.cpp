#include "forward/inspect.hpp"

#include "fixture.hpp"

namespace spillway::forward {
namespace {

using Body = ModelPlace::Body;
using Problem = Inspected::Problem;

const std::string v1 = "POST /openai/v1/responses";
const std::string classic = "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";

const std::vector<std::string> chunked = {"Transfer-Encoding: chunked"};
const std::vector<std::string> upgrade = {"Connection: Upgrade", "Upgrade: websocket"};

Inspected look(const std::string& line, std::string_view body = {}, std::vector<std::string> fields = chunked,
               bool complete = true) {
  const Request request(line, fields);
  return inspect(request.head(), body, complete);
}

std::string span_of(const Inspected& seen, std::string_view body) {
  return seen.place.span ? std::string(body.substr(seen.place.span->offset, seen.place.span->size)) : "none";
}

TEST(Inspect, ThePathNamesTheModelDecoded) {
  const Inspected seen = look("POST /openai/deployments/gpt%204o/embeddings", {}, {});
  EXPECT_EQ(seen.model, "gpt 4o");
  EXPECT_TRUE(seen.in_path);
  EXPECT_FALSE(seen.in_query);
  EXPECT_EQ(seen.place.body, Body::other);
  EXPECT_EQ(seen.problem, Problem::none);
}

TEST(Inspect, ThePathDecidesAndTheBodyTellsWhereItNamesOneToo) {
  constexpr std::string_view body = R"({"model":"other","stream":true})";
  const Inspected seen = look(classic, body);
  EXPECT_EQ(seen.model, "gpt-4o");
  EXPECT_TRUE(seen.in_path);
  EXPECT_EQ(span_of(seen, body), "other");
  EXPECT_TRUE(seen.stream);
}

TEST(Inspect, TheBodyNamesTheModel) {
  constexpr std::string_view body = R"( { "input":{"model":"nested"}, "model" : "gpt-\u0034o" } )";
  const Inspected seen = look(v1, body);
  EXPECT_EQ(seen.model, "gpt-4o");
  EXPECT_FALSE(seen.in_path);
  EXPECT_EQ(seen.place.body, Body::json);
  EXPECT_EQ(span_of(seen, body), R"(gpt-\u0034o)");
  EXPECT_EQ(seen.place.insert_at, 2U);
  EXPECT_TRUE(seen.place.more_members);
  EXPECT_FALSE(seen.stream);
}

TEST(Inspect, AnObjectWithoutAModelTellsWhereOneCanBePut) {
  for (const auto& [body, at, more] :
       {std::tuple{"{}", 1U, false}, std::tuple{"\r\n{ }", 3U, false}, std::tuple{R"({ "a":1})", 1U, true},
        std::tuple{R"({"model":1})", 1U, true}, std::tuple{R"({"model":null})", 1U, true}}) {
    const Inspected seen = look(v1, body);
    EXPECT_EQ(seen.model, "") << body;
    EXPECT_EQ(seen.problem, Problem::none) << body;
    EXPECT_EQ(seen.place.body, Body::json) << body;
    EXPECT_EQ(seen.place.span, std::nullopt) << body;
    EXPECT_EQ(seen.place.insert_at, at) << body;
    EXPECT_EQ(seen.place.more_members, more) << body;
  }
}

TEST(Inspect, TheTypeOfJsonNeedNotBeTold) {
  for (const char* type : {"application/json", "application/json; charset=utf-8", "text/plain", ""})
    EXPECT_EQ(look(v1, R"({"model":"m"})", {"Transfer-Encoding: chunked", "Content-Type: " + std::string(type)}).model,
              "m")
        << type;
}

TEST(Inspect, TellsThatAStreamIsAskedFor) {
  EXPECT_TRUE(look(v1, R"({"model":"m","stream":true})").stream);
  EXPECT_FALSE(look(v1, R"({"model":"m","stream":false})").stream);
  EXPECT_FALSE(look(v1, R"({"model":"m","options":{"stream":true}})").stream);
}

TEST(Inspect, RefusesToChooseBetweenTwoModels) {
  EXPECT_EQ(look(v1, R"({"model":"a","n":1,"model":"b"})").problem, Problem::duplicate);
  EXPECT_EQ(look(v1, R"({"model":"a","mod\u0065l":"a"})").problem, Problem::duplicate);
  EXPECT_EQ(look(classic, R"({"model":"a","model":"b"})").problem, Problem::duplicate);
}

TEST(Inspect, ABodyThatIsNotJsonIsUnreadable) {
  for (const char* body : {"hello", "[]", R"({"model":"m")", R"({"model":"m"}x)", R"("model")"}) {
    const Inspected seen = look(v1, body);
    EXPECT_EQ(seen.problem, Problem::unreadable) << body;
    EXPECT_EQ(seen.model, "") << body;
    EXPECT_EQ(seen.place.body, Body::other) << body;
    EXPECT_EQ(look(classic, body).model, "gpt-4o") << "what the path names stays";
  }
}

TEST(Inspect, ACompressedBodyIsNotLookedInto) {
  for (const char* coding : {"gzip", "br", "GZIP", "identity, gzip"}) {
    const Inspected seen =
        look(v1, R"({"model":"m"})", {"Transfer-Encoding: chunked", "Content-Encoding: " + std::string(coding)});
    EXPECT_EQ(seen.problem, Problem::unreadable) << coding;
    EXPECT_EQ(seen.model, "") << coding;
    EXPECT_EQ(seen.place.body, Body::other) << coding;
  }
  for (const char* coding : {"identity", "Identity", ""})
    EXPECT_EQ(
        look(v1, R"({"model":"m"})", {"Transfer-Encoding: chunked", "Content-Encoding: " + std::string(coding)}).model,
        "m")
        << coding;
}

TEST(Inspect, OfALongBodyTheBeginningCounts) {
  const Inspected named = look(v1, R"({"model":"m","input":"aaaa)", chunked, false);
  EXPECT_EQ(named.model, "m");
  EXPECT_EQ(named.place.body, Body::json);
  EXPECT_EQ(named.problem, Problem::none);
  const Inspected unnamed = look(v1, R"({"input":"aaaa)", chunked, false);
  EXPECT_EQ(unnamed.model, "");
  EXPECT_EQ(unnamed.place.body, Body::json);
  EXPECT_EQ(unnamed.place.insert_at, 1U);
  EXPECT_TRUE(unnamed.place.more_members);
  EXPECT_EQ(look(v1, R"({"input":"aaaa)", chunked, true).problem, Problem::unreadable) << "unless it ends there";
}

TEST(Inspect, WithoutABodyThereIsNoModel) {
  for (const std::string line : {"GET /openai/v1/responses/resp_1?model=m", "GET /v1/files?deployment=m"}) {
    const Inspected seen = look(line, {}, {});
    EXPECT_EQ(seen.model, "");
    EXPECT_FALSE(seen.in_query);
    EXPECT_EQ(seen.problem, Problem::none);
    EXPECT_EQ(seen.place.body, Body::other);
  }
  EXPECT_EQ(look(v1, {}, {"Content-Length: 0"}).problem, Problem::none);
}

TEST(Inspect, TheQueryOfAWebSocketUrlNamesTheModel) {
  const Inspected seen = look("GET /openai/realtime?api-version=x&deployment=gpt%2D4o&model=other", {}, upgrade);
  EXPECT_EQ(seen.model, "gpt-4o");
  EXPECT_TRUE(seen.in_query);
  EXPECT_FALSE(seen.in_path);
  EXPECT_EQ(look("GET /v1/realtime?model=m", {}, upgrade).model, "m");
  EXPECT_EQ(look("GET /v1/responses", {}, upgrade).model, "");
  EXPECT_EQ(look("GET /v1/realtime?model=m", {}, {}).model, "") << "not a handshake";
}

TEST(Inspect, ThePathOfAWebSocketUrlGoesBeforeItsQuery) {
  const Inspected seen = look("GET /openai/deployments/a/realtime?deployment=b", {}, upgrade);
  EXPECT_EQ(seen.model, "a");
  EXPECT_TRUE(seen.in_path);
  EXPECT_FALSE(seen.in_query);
}

const std::string file_part =
    "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n{\"model\":\"no\"}\r\n";
const std::string model_part = "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n";

Inspected look_at_form(const std::string& form, bool complete = true) {
  return look("POST /v1/audio/transcriptions", form,
              {"Transfer-Encoding: chunked", "Content-Type: multipart/form-data; boundary=XX"}, complete);
}

TEST(Inspect, AFormNamesTheModelAfterTheFileToo) {
  for (const std::string& form : {file_part + model_part + "--XX--\r\n", model_part + file_part + "--XX--\r\n"}) {
    const Inspected seen = look_at_form(form);
    EXPECT_EQ(seen.model, "whisper");
    EXPECT_EQ(seen.place.body, Body::form);
    EXPECT_EQ(seen.place.boundary, "XX");
    EXPECT_EQ(span_of(seen, form), "whisper");
    EXPECT_FALSE(seen.stream);
  }
}

TEST(Inspect, AFormWithoutAModelTellsWhereOneCanBePut) {
  const Inspected seen = look_at_form("preamble\r\n" + file_part + "--XX--\r\n");
  EXPECT_EQ(seen.model, "");
  EXPECT_EQ(seen.place.body, Body::form);
  EXPECT_EQ(seen.place.span, std::nullopt);
  EXPECT_EQ(seen.place.insert_at, std::string("preamble\r\n").size());
  EXPECT_EQ(look_at_form(file_part, false).place.insert_at, 0U);
}

TEST(Inspect, AFormIsRefusedOrUnreadableLikeJson) {
  EXPECT_EQ(look_at_form(model_part + model_part + "--XX--\r\n").problem, Problem::duplicate);
  EXPECT_EQ(look_at_form(file_part + model_part).problem, Problem::unreadable) << "its end is missing";
  EXPECT_EQ(look_at_form(R"({"model":"m"})").problem, Problem::unreadable);
  EXPECT_EQ(look_at_form(R"({"model":"m"})").model, "");
}

}  // namespace
}  // namespace spillway::forward
