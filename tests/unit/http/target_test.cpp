#include "spillway/http/target.hpp"

#include <gtest/gtest.h>

namespace spillway::http {
namespace {

using namespace std::string_literals;

TEST(Target, DecodesPercentEscapes) {
  EXPECT_EQ(percent_decode("gpt-4o"), "gpt-4o");
  EXPECT_EQ(percent_decode("a%20b%2fC%2B+"), "a b/C++");
  EXPECT_EQ(percent_decode("%C3%a4%00"), "\xC3\xA4\0"s);
  EXPECT_EQ(percent_decode(""), "");
}

TEST(Target, RefusesBrokenEscapes) {
  for (const char* text : {"%", "%2", "a%2", "%zz", "%2g", "%%20", "% 20"})
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

TEST(Target, EncodesOneSegment) {
  EXPECT_EQ(percent_encode_segment("gpt-4o_mini.v1~"), "gpt-4o_mini.v1~");
  EXPECT_EQ(percent_encode_segment("a b/c?d#e%"), "a%20b%2Fc%3Fd%23e%25");
  EXPECT_EQ(percent_encode_segment("!$&'()*+,;=:@"), "!$&'()*+,;=:@");
  EXPECT_EQ(percent_encode_segment("\xC3\xA4"), "%C3%A4");
  EXPECT_EQ(percent_decode(percent_encode_segment("a\"<>[]\\^`{|}\x01\x7F")), "a\"<>[]\\^`{|}\x01\x7F");
}

TEST(Target, AMatchedPrefixEndsAtASegment) {
  EXPECT_TRUE(has_path_prefix("/openai", "/openai"));
  EXPECT_TRUE(has_path_prefix("/openai/x", "/openai"));
  EXPECT_TRUE(has_path_prefix("/openai/", "/openai"));
  EXPECT_TRUE(has_path_prefix("/openai", "/openai/"));
  EXPECT_TRUE(has_path_prefix("/openai/x", "/openai/"));
  EXPECT_FALSE(has_path_prefix("/openaix", "/openai"));
  EXPECT_FALSE(has_path_prefix("/opena", "/openai"));
  EXPECT_FALSE(has_path_prefix("/OpenAI", "/openai"));
}

TEST(Target, TheEmptyPrefixAndTheSlashMatchEverything) {
  for (const char* path : {"/", "/x", "/x/y"}) {
    EXPECT_TRUE(has_path_prefix(path, ""));
    EXPECT_TRUE(has_path_prefix(path, "/"));
  }
}

TEST(Target, FindsTheDeploymentAsItIsWritten) {
  const std::string path = "/openai/deployments/my%20model/chat/completions";
  const auto segment = deployment_segment(path);
  EXPECT_EQ(segment, "my%20model");
  EXPECT_EQ(segment->data(), path.data() + 20);
  EXPECT_EQ(deployment_segment("/openai/deployments/gpt-4o"), "gpt-4o");
  EXPECT_EQ(deployment_segment("/prefix/openai/deployments/a/deployments/b"), "a");
  EXPECT_EQ(deployment_segment("/deployments/deployments/x"), "deployments");
}

TEST(Target, NoSpellingHidesADeployment) {
  EXPECT_EQ(deployment_segment("/openai/Deployments/gpt-4o/x"), "gpt-4o");
  EXPECT_EQ(deployment_segment("/openai/%64eployment%73/gpt-4o/x"), "gpt-4o");
  EXPECT_EQ(deployment_segment("/openai/%44EPLOYMENTS/gpt-4o/x"), "gpt-4o");
}

TEST(Target, FindsNoDeploymentWhereThereIsNone) {
  for (const char* path : {"/", "/openai", "/openai/deployments", "/openai/deployments/", "/openai/deploymentsx/a",
                           "/openai/xdeployments/a", "/openai/v1/chat/completions", "", "/openai/deployment%7/a"}) {
    EXPECT_EQ(deployment_segment(path), std::nullopt) << path;
  }
}

TEST(Target, TellsTheClassicSurfaceFromTheVersionedOne) {
  EXPECT_TRUE(is_classic("/openai/deployments/x/chat/completions"));
  EXPECT_TRUE(is_classic("/openai/models"));
  EXPECT_TRUE(is_classic("/openai/v1x/y"));
  EXPECT_TRUE(is_classic("/OpenAI/responses"));
  EXPECT_FALSE(is_classic("/openai/v1/responses"));
  EXPECT_FALSE(is_classic("/openai/v1"));
  EXPECT_FALSE(is_classic("/openai/V1/responses"));
  EXPECT_FALSE(is_classic("/openai"));
  EXPECT_FALSE(is_classic("/v1/chat/completions"));
  EXPECT_FALSE(is_classic("/openaix/y"));
}

TEST(Target, FindsTheFirstValueOfAQueryParameter) {
  EXPECT_EQ(query_value("a=1&b=2&a=3", "a"), "1");
  EXPECT_EQ(query_value("a=1&b=%20x+y%3D", "b"), " x+y=");
  EXPECT_EQ(query_value("a=1&b=2=3", "b"), "2=3");
  EXPECT_EQ(query_value("a&b=", "a"), "");
  EXPECT_EQ(query_value("a&b=", "b"), "");
  EXPECT_EQ(query_value("&&a=1", "a"), "1");
  EXPECT_EQ(query_value("%61pi%2Dkey=k", "api-key"), "k");
}

TEST(Target, FindsNoValueOfAnAbsentParameter) {
  EXPECT_EQ(query_value("", "a"), std::nullopt);
  EXPECT_EQ(query_value("ab=1&=2", "a"), std::nullopt);
  EXPECT_EQ(query_value("&", ""), std::nullopt);
}

TEST(Target, ComparesParameterNamesByCaseUnlessTold) {
  EXPECT_EQ(query_value("API-Key=1", "api-key"), std::nullopt);
  EXPECT_EQ(query_value("API-Key=1", "api-key", true), "1");
}

TEST(Target, LeavesAnOrdinaryQueryAlone) {
  for (const char* query :
       {"", "a=1", "a=1&b=%20&&c", "&", "a&", "&a", "include[]=x&include%5B%5D=y", "api-version=1"}) {
    EXPECT_EQ(rewrite_query(query, {}), query);
  }
}

TEST(Target, TakesEveryCredentialOutOfTheQuery) {
  EXPECT_EQ(rewrite_query("api-key=k", {}), "");
  EXPECT_EQ(rewrite_query("a=1&api-key=k&b=2&API-KEY=l&subscription-key=m&Subscription%2DKey=n&c", {}), "a=1&b=2&c");
  EXPECT_EQ(rewrite_query("api-key&a", {}), "a");
  EXPECT_EQ(rewrite_query("api-keys=1&xapi-key=2", {}), "api-keys=1&xapi-key=2");
}

QueryEdits version(const std::string& value) {
  QueryEdits edits;
  edits.api_version = value;
  return edits;
}

QueryEdits model(const std::string& value) {
  QueryEdits edits;
  edits.model = value;
  return edits;
}

// As for a backend that speaks OpenAI's dialect.
QueryEdits openai(const std::optional<std::string>& name = {}) {
  QueryEdits edits;
  edits.drop_api_version = true;
  edits.name_it_model = true;
  edits.model = name;
  return edits;
}

TEST(Target, SetsTheApiVersion) {
  EXPECT_EQ(rewrite_query("", version("2024-10-21")), "api-version=2024-10-21");
  EXPECT_EQ(rewrite_query("a=1", version("2024-10-21")), "a=1&api-version=2024-10-21");
  EXPECT_EQ(rewrite_query("api-key=k", version("v")), "api-version=v");
}

TEST(Target, ReplacesTheApiVersionInItsPlace) {
  EXPECT_EQ(rewrite_query("api-version=old&a=1", version("new")), "api-version=new&a=1");
  EXPECT_EQ(rewrite_query("a=1&Api%2DVersion=old&b=2&api-version=x", version("new")), "a=1&api-version=new&b=2");
  EXPECT_EQ(rewrite_query("api-version", version("a&b c")), "api-version=a%26b%20c");
}

TEST(Target, DropsTheApiVersion) {
  EXPECT_EQ(rewrite_query("api-version=old", openai()), "");
  EXPECT_EQ(rewrite_query("a=1&Api%2DVersion=old&b=2&api-version", openai()), "a=1&b=2");
  EXPECT_EQ(rewrite_query("a=1", openai()), "a=1");
  QueryEdits both = version("new");
  both.drop_api_version = true;
  EXPECT_EQ(rewrite_query("api-version=old&a", both), "api-version=new&a");
}

TEST(Target, ReplacesTheModelOfARealtimeQuery) {
  EXPECT_EQ(rewrite_query("api-version=1&deployment=mine&x", model("theirs")), "api-version=1&deployment=theirs&x");
  EXPECT_EQ(rewrite_query("model=mine", model("a b&c")), "model=a%20b%26c");
  EXPECT_EQ(rewrite_query("Mod%65l=mine&models=x", model("y")), "Mod%65l=y&models=x");
  EXPECT_EQ(rewrite_query("deployment", model("y")), "deployment=y");
  EXPECT_EQ(rewrite_query("a=1", model("y")), "a=1");
  EXPECT_EQ(rewrite_query("deployment=a&model=b", model("y")), "deployment=y&model=y");
  EXPECT_EQ(rewrite_query("deployment=a%2Fb&model=c", {}), "deployment=a%2Fb&model=c");
}

TEST(Target, CallsTheDeploymentAModel) {
  EXPECT_EQ(rewrite_query("api-version=1&deployment=a%20b&x", openai()), "model=a%20b&x");
  EXPECT_EQ(rewrite_query("x&Deployment=a", openai("y")), "x&model=y");
  EXPECT_EQ(rewrite_query("model=a&x", openai("y")), "model=y&x");
  EXPECT_EQ(rewrite_query("deployment=a&x&model=b&model=c", openai()), "model=a&x");
  EXPECT_EQ(rewrite_query("x", openai("y")), "x");
}

TEST(Target, KnowsAzurePathsAsOpenAiHasThem) {
  EXPECT_EQ(to_openai_path("/openai/deployments/gpt-4o/chat/completions"), "/v1/chat/completions");
  EXPECT_EQ(to_openai_path("/OpenAI/Deployments/a%2Fb/embeddings"), "/v1/embeddings");
  EXPECT_EQ(to_openai_path("/openai/v1/responses/resp_1"), "/v1/responses/resp_1");
  EXPECT_EQ(to_openai_path("/openai/V1"), "/v1");
  EXPECT_EQ(to_openai_path("/openai/v1/"), "/v1/");
  EXPECT_EQ(to_openai_path("/openai/responses"), "/v1/responses");
  EXPECT_EQ(to_openai_path("/openai/v1beta/x"), "/v1/v1beta/x");
  EXPECT_EQ(to_openai_path("/openai/deployments"), "/v1/deployments");
  EXPECT_EQ(to_openai_path("/openai/deployments/a"), "/v1/deployments/a");
  EXPECT_EQ(to_openai_path("/openai/deployments//x"), "/v1/deployments//x");
  for (const char* path : {"/v1/responses", "/v1", "/", "/openai", "/openaix/v1", "/api/openai/responses", "/v2/x"})
    EXPECT_EQ(to_openai_path(path), path);
}

TEST(Target, KnowsOpenAiPathsAsAzureHasThem) {
  EXPECT_EQ(to_azure_path("/v1"), "/openai/v1");
  EXPECT_EQ(to_azure_path("/v1/"), "/openai/v1/");
  EXPECT_EQ(to_azure_path("/V1/chat/completions"), "/openai/v1/chat/completions");
  for (const char* path : {"/openai/v1/responses", "/openai/deployments/a/x", "/v1x/responses", "/", "/a/v1/x"})
    EXPECT_EQ(to_azure_path(path), path);
}

}  // namespace
}  // namespace spillway::http
