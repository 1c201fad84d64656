#include "lab/load_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

LoadOptions usual() {
  LoadOptions options;
  options.url = "https://gateway.example";
  options.model = "gpt-4o mini";
  return options;
}

LoadSetup read(const LoadOptions& options, std::string_view key = "secret-key") {
  std::string problem;
  const auto setup = read_load(options, key, std::nullopt, problem);
  EXPECT_TRUE(setup) << problem;
  return setup.value_or(LoadSetup());
}

std::string problem_of(const LoadOptions& options, std::string_view key = "secret-key") {
  std::string problem;
  EXPECT_FALSE(read_load(options, key, std::nullopt, problem));
  EXPECT_THAT(problem, Not(HasSubstr(std::string(key))));
  return problem;
}

TEST(LoadRequest, AzureNamesTheDeploymentInThePath) {
  EXPECT_THAT(read(usual()).request,
              StartsWith("POST /openai/deployments/gpt-4o%20mini/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
                         "Host: gateway.example\r\napi-key: secret-key\r\n"));
  EXPECT_THAT(read(usual()).request,
              HasSubstr("\r\n\r\n"
                        R"({"model":"gpt-4o mini","messages":[{"role":"user","content":"Hello"}],"max_tokens":64})"));
}

TEST(LoadRequest, OpenaiIsBelowV1WithABearerKey) {
  LoadOptions options = usual();
  options.dialect = "openai";
  EXPECT_THAT(read(options).request, StartsWith("POST /openai/v1/chat/completions HTTP/1.1\r\n"));
  EXPECT_THAT(read(options).request, HasSubstr("Authorization: Bearer secret-key\r\n"));
  EXPECT_THAT(read(options).request, Not(HasSubstr("api-key")));
}

TEST(LoadRequest, AUrlThatEndsInV1IsOpenai) {
  LoadOptions options = usual();
  options.url = "https://gateway.example/openai/v1/";
  options.api = "responses";
  EXPECT_THAT(read(options).request, StartsWith("POST /openai/v1/responses HTTP/1.1\r\n"));
  EXPECT_THAT(read(options).request, HasSubstr(R"("input":"Hello","max_output_tokens":64})"));
}

TEST(LoadRequest, ResponsesOfAzureHaveAVersionOfTheirOwn) {
  LoadOptions options = usual();
  options.api = "responses";
  EXPECT_THAT(read(options).request, StartsWith("POST /openai/responses?api-version=2025-04-01-preview HTTP/1.1\r\n"));
  options.api_version = "2025-03-01-preview";
  EXPECT_THAT(read(options).request, HasSubstr("api-version=2025-03-01-preview"));
}

TEST(LoadRequest, AStreamIsAskedForInTheBody) {
  LoadOptions options = usual();
  options.stream = true;
  options.max_tokens = 0;
  EXPECT_THAT(read(options).request, HasSubstr(R"("content":"Hello"}],"stream":true})"));
}

TEST(LoadRequest, APathAndABodyOfOnesOwnGoAsTheyAre) {
  LoadOptions options = usual();
  options.path = "/routing/responses?x=1";
  std::string problem;
  const auto setup = read_load(options, "", R"({"a":1})", problem);
  ASSERT_TRUE(setup);
  EXPECT_EQ(setup->request,
            "POST /routing/responses?x=1 HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: application/json\r\n"
            "Content-Length: 7\r\n\r\n{\"a\":1}");
  EXPECT_EQ(setup->parameters.path, "/routing/responses") << "a query may hold a key";
}

TEST(LoadRequest, WhatIsShownHoldsNoKey) {
  const LoadParameters shown = read(usual()).parameters;
  EXPECT_EQ(shown.url, "https://gateway.example");
  EXPECT_EQ(shown.path, "/openai/deployments/gpt-4o%20mini/chat/completions");
}

TEST(LoadRequest, AKeyThatWouldBreakTheHeadIsRefused) {
  EXPECT_THAT(problem_of(usual(), "abc\r\nx: y"), HasSubstr("key"));
  EXPECT_THAT(problem_of(usual(), "with space"), HasSubstr("key"));
}

TEST(LoadPlan, TwentyRequestsByOneCallerAreUsual) {
  const LoadSetup setup = read(usual());
  EXPECT_EQ(setup.plan.requests, 20U);
  EXPECT_EQ(setup.plan.in_flight, 1U);
  EXPECT_EQ(setup.timeout, 5min);
}

TEST(LoadPlan, ADurationTakesTheLimitOfRequestsAway) {
  LoadOptions options = usual();
  options.duration = "90s";
  EXPECT_EQ(read(options).plan.requests, 0U);
  EXPECT_EQ(read(options).plan.lasts, 90s);
  options.requests = 50;
  EXPECT_EQ(read(options).plan.requests, 50U);
}

TEST(LoadPlan, WithARateConcurrencyIsTheMostInFlight) {
  LoadOptions options = usual();
  options.rate = "300/m";
  EXPECT_EQ(read(options).plan.in_flight, 1000U);
  EXPECT_DOUBLE_EQ(read(options).plan.rate, 5);
  options.concurrency = 7;
  EXPECT_EQ(read(options).plan.in_flight, 7U);
}

TEST(LoadPlan, OptionsThatMeanNothingAreNamed) {
  LoadOptions options = usual();
  options.url = "gateway.example";
  EXPECT_THAT(problem_of(options), StartsWith("--url"));
  options = usual();
  options.rate = "fast";
  EXPECT_THAT(problem_of(options), StartsWith("--rate: fast"));
  options = usual();
  options.duration = "10";
  EXPECT_THAT(problem_of(options), StartsWith("--duration: 10"));
  options = usual();
  options.rate = "1";
  options.delay = "1s";
  EXPECT_THAT(problem_of(options), StartsWith("--delay"));
  options = usual();
  options.path = "no-slash";
  EXPECT_THAT(problem_of(options), StartsWith("--path"));
}

TEST(Rate, IsASecondUnlessItSaysAMinute) {
  EXPECT_EQ(parse_rate("50"), 50);
  EXPECT_EQ(parse_rate("50/s"), 50);
  EXPECT_EQ(parse_rate("0.5"), 0.5);
  EXPECT_EQ(parse_rate("90/m"), 1.5);
  for (const char* wrong : {"", "0", "-1", "50/h", "50 /s", "x", "1e3", "nan", "inf", "100001"})
    EXPECT_FALSE(parse_rate(wrong)) << wrong;
}

}  // namespace
}  // namespace spillway::lab
