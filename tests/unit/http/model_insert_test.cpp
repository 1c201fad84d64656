#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "spillway/http/model_splice.hpp"
#include "spillway/http/multipart.hpp"

namespace spillway::http {
namespace {

// `body` with the member `"model":"x"` put in front.
std::string with_model(const std::string& body) {
  ModelScan scan;
  EXPECT_EQ(scan.scan(body, true), ModelState::absent) << body;
  std::string out = body;
  return out.insert(scan.first_member(), scan.has_members() ? R"("model":"x",)" : R"("model":"x")");
}

TEST(ModelInsertion, GivesJsonWithThatModel) {
  for (const std::string body : {R"({})", R"( { } )", "\n{\t\n}", R"({"a":1})",
                                 R"( { "a" : {"model":"y"}, "b":[{}] } )", R"({"a":{}})", R"({"":[]})"}) {
    const nlohmann::json parsed = nlohmann::json::parse(with_model(body), nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << body;
    EXPECT_EQ(parsed.value("model", ""), "x") << body;
    EXPECT_EQ(parsed.size(), nlohmann::json::parse(body).size() + 1) << body;
  }
}

TEST(ModelInsertion, IsKnownHoweverTheBodyIsCut) {
  const std::string body = R"(  {  "a":{"b":1}})";
  ModelScan scan;
  for (std::size_t size = 0; size <= body.size(); ++size) scan.scan(body.substr(0, size), size == body.size());
  EXPECT_EQ(scan.first_member(), 3U);
  EXPECT_TRUE(scan.has_members());
}

bool streams(const std::string& body) {
  ModelScan scan;
  scan.scan(body, true);
  return scan.stream();
}

TEST(ModelScan, SeesThatAStreamIsAskedFor) {
  EXPECT_TRUE(streams(R"({"stream":true})"));
  EXPECT_TRUE(streams(R"({"model":"m", "stream" : true , "a":1})"));
  EXPECT_TRUE(streams(R"({"str\u0065am":true})"));
  EXPECT_FALSE(streams(R"({"stream":false})"));
  EXPECT_FALSE(streams(R"({"stream":"true"})"));
  EXPECT_FALSE(streams(R"({"stream":{"a":true},"b":true})"));
  EXPECT_FALSE(streams(R"({"stream":[true]})"));
  EXPECT_FALSE(streams(R"({"stream":null,"a":true})"));
  EXPECT_FALSE(streams(R"({"stream":"","a":true})"));
  EXPECT_FALSE(streams(R"({"a":{"stream":true}})"));
  EXPECT_FALSE(streams(R"({"a":[{"stream":true}],"streams":true})"));
  EXPECT_FALSE(streams(R"({})"));
}

TEST(ModelScan, TakesOnlyAStringForTheModel) {
  for (const char* body : {R"({"model":1,"a":"b"})", R"({"model":{"a":"b"}})", R"({"model":["b"]})",
                           R"({"model":true,"stream":"b"})", R"({"stream":true,"a":"b"})"}) {
    ModelScan scan;
    EXPECT_EQ(scan.scan(body, true), ModelState::absent) << body;
  }
}

// `body` with a part that is the model put in front, read again.
std::string inserted(const std::string& body) {
  MultipartModelScan scan("XX");
  EXPECT_EQ(scan.scan(body, true), ModelState::absent) << body;
  std::string out = body;
  out.insert(scan.first_part(), multipart_model_part("XX", "whisper-1"));
  MultipartModelScan again("XX");
  if (again.scan(out, true) != ModelState::found) return "not found";
  return again.value();
}

TEST(ModelInsertion, GivesAFormWithThatModel) {
  const std::string part = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
  EXPECT_EQ(inserted(part + "--XX--\r\n"), "whisper-1");
  EXPECT_EQ(inserted(part + part + "--XX--"), "whisper-1");
  EXPECT_EQ(inserted("--XX--"), "whisper-1");
  EXPECT_EQ(inserted("\r\n" + part + "--XX--"), "whisper-1");
  EXPECT_EQ(inserted("preamble --XX\r\n--XXL\r\n" + part + "--XX--"), "whisper-1");
  EXPECT_EQ(inserted("--XXL\r\n" + part + "--XX--"), "whisper-1");
  EXPECT_EQ(inserted("--XX \t\r\n\r\nx\r\n--XX--\r\nepilogue"), "whisper-1");
}

TEST(ModelInsertion, IsKnownHoweverTheFormIsCut) {
  const std::string body = "ab\r\n--XX\r\n\r\nx\r\n--XX--";
  MultipartModelScan scan("XX");
  for (std::size_t size = 0; size <= body.size(); ++size) scan.scan(body.substr(0, size), size == body.size());
  EXPECT_EQ(scan.first_part(), 4U);
}

TEST(ModelInsertion, WritesThePartAsClientsDo) {
  EXPECT_EQ(multipart_model_part("a b", "m"), "--a b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n");
}

}  // namespace
}  // namespace spillway::http
