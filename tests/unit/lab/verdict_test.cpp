#include "lab/verdict.hpp"

#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

Sent judge(int status, std::string_view content_type, std::string_view body) {
  BodyVerdict verdict(status, content_type);
  verdict.take(body.substr(0, body.size() / 2));
  verdict.take(body.substr(body.size() / 2));
  Sent sent;
  sent.status = status;
  verdict.finish(sent);
  return sent;
}

constexpr std::string_view stream = "text/event-stream; charset=utf-8";

TEST(BodyVerdict, ReadsCodeAndMessageOfARefusal) {
  const Sent sent = judge(503, "application/json", R"({"error":{"code":"overloaded","message":"Too many."}})");
  EXPECT_EQ(sent.code, "overloaded");
  EXPECT_EQ(sent.message, "Too many.");
  EXPECT_EQ(sent.error, "");
  EXPECT_FALSE(sent.succeeded());
}

TEST(BodyVerdict, KnowsTheOtherShapesOfErrors) {
  EXPECT_EQ(judge(401, "application/json", R"({"statusCode":401,"message":"Denied."})").message, "Denied.");
  EXPECT_EQ(judge(400, "application/json", R"({"error":{"code":null,"type":"invalid_request_error"}})").code,
            "invalid_request_error");
  EXPECT_EQ(judge(400, "application/json", R"({"error":{"code":42}})").code, "42");
  EXPECT_EQ(judge(502, "text/html", "<h1>Bad gateway</h1>").code, "");
}

TEST(BodyVerdict, DoesNotReadAHugeRefusalToItsEnd) {
  EXPECT_EQ(judge(500, "application/json", std::string(1 << 20, ' ') + R"({"error":{"code":"late"}})").code, "");
}

TEST(BodyVerdict, AChatStreamEndsWithDone) {
  EXPECT_TRUE(judge(200, stream, "data: {\"id\":\"1\"}\n\ndata: [DONE]\n\n").succeeded());
  EXPECT_EQ(judge(200, stream, "data: {\"id\":\"1\"}\n\n").error, "the stream ended early");
}

TEST(BodyVerdict, AStreamOfResponsesEndsWithTheResponse) {
  EXPECT_TRUE(judge(200, stream,
                    "event: response.created\ndata: {\"response\":{\"error\":null}}\n\n"
                    "event: response.completed\ndata: {\"response\":{\"error\":null}}\n\n")
                  .succeeded());
  EXPECT_EQ(judge(200, stream, "event: response.created\ndata: {}\n\n").error, "the stream ended early");
  const Sent failed = judge(200, stream,
                            "event: response.failed\n"
                            "data: {\"response\":{\"error\":{\"code\":\"server_error\",\"message\":\"Oh.\"}}}\n\n");
  EXPECT_EQ(failed.error, "the stream held an error");
  EXPECT_EQ(failed.code, "server_error");
}

TEST(BodyVerdict, AnErrorInsideAStreamIsAFailure) {
  const Sent chat =
      judge(200, stream, "data: { \"error\" : {\"code\":\"429\",\"message\":\"Busy\"}}\n\ndata: [DONE]\n\n");
  EXPECT_EQ(chat.code, "429");
  EXPECT_FALSE(chat.succeeded());
  const Sent responses =
      judge(200, stream, "event: error\ndata: {\"type\":\"error\",\"code\":\"x\",\"message\":\"y\"}\n\n");
  EXPECT_EQ(responses.code, "x");
  EXPECT_FALSE(responses.succeeded());
}

TEST(BodyVerdict, AnAnswerThatTalksAboutErrorsIsNone) {
  EXPECT_TRUE(judge(200, stream, "data: {\"text\":\"an \\\"error\\\" {\"}\n\ndata: [DONE]\n\n").succeeded());
  EXPECT_TRUE(judge(200, stream, "data: {\"error\":null}\n\ndata: [DONE]\n\n").succeeded());
  EXPECT_TRUE(judge(200, "application/json", R"({"error":{"code":"x"}})").succeeded());
}

}  // namespace
}  // namespace spillway::lab
