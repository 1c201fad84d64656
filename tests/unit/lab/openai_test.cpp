#include "resource_fixture.hpp"

namespace spillway::lab {
namespace {

// A resource with OpenAI's own surface.
class OpenaiTest : public ResourceTest {
 protected:
  static ResourceConfig openai() {
    ResourceConfig config = standard();
    config.api = Api::openai;
    config.region.clear();
    return config;
  }
  OpenaiTest() : ResourceTest(openai()) {}

  Answer ask(std::string_view method, std::string_view target, std::string_view body = {}) {
    return send(method, target, body, {{"Authorization", "Bearer right-key"}});
  }
  static constexpr std::string_view hello = R"({"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]})";
};

TEST_F(OpenaiTest, AnswersBelowV1WithItsOwnHeaders) {
  const Answer answer = ask("POST", "/v1/chat/completions", hello);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("x-request-id").substr(0, 4), "req_");
  EXPECT_NE(answer.field("openai-processing-ms"), "");
  EXPECT_NE(answer.field("openai-version"), "");
  EXPECT_EQ(answer.field("x-ms-region"), "");
  EXPECT_EQ(answer.field("apim-request-id"), "");
  EXPECT_EQ(answer.body().find("filter"), std::string::npos);
  EXPECT_EQ(ask("GET", "/v1/models").status, 200);
  EXPECT_EQ(ask("POST", "/v1/conversations", "{}").status, 200);
}

TEST_F(OpenaiTest, ItsStreamsBeginWithTheRole) {
  const Answer answer = ask("POST", "/v1/chat/completions",
                            R"({"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hello"}]})");
  EXPECT_NE(events(answer).front().data.find(R"("role":"assistant")"), std::string::npos);
  EXPECT_EQ(answer.body().find("filter"), std::string::npos);
}

TEST_F(OpenaiTest, AzuresPathsAreNotFound) {
  for (const char* path : {"/openai/v1/chat/completions", "/openai/deployments/gpt-4o/chat/completions", "/v1/nothing",
                           "/v1/deployments/gpt-4o/chat/completions"}) {
    const Answer answer = ask("POST", path, hello);
    EXPECT_EQ(answer.status, 404) << path;
    const Json error = member(parsed(answer), "error");
    EXPECT_EQ(member(error, "message"), "Invalid URL (POST " + std::string(path) + ")");
    EXPECT_EQ(member(error, "type"), "invalid_request_error");
  }
}

TEST_F(OpenaiTest, OnlyABearerKeyIsTaken) {
  const Answer answer = send("POST", "/v1/chat/completions", hello, {{"api-key", "right-key"}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(error_code(answer), "invalid_api_key");
  EXPECT_EQ(answer.body().find("right-key"), std::string::npos);
}

TEST_F(OpenaiTest, TheModelIsInTheBody) {
  EXPECT_EQ(ask("POST", "/v1/chat/completions", R"({"messages":[]})").status, 400);
  const Answer other = ask("POST", "/v1/chat/completions", R"({"model":"other","messages":[]})");
  EXPECT_EQ(other.status, 404);
  EXPECT_EQ(error_code(other), "model_not_found");
}

TEST_F(OpenaiTest, AVersionIsRecordedAndNothingElse) {
  EXPECT_EQ(ask("POST", "/v1/chat/completions?api-version=2024-10-21", hello).status, 200);
  EXPECT_EQ(ask("POST", "/v1/chat/completions", hello).status, 200);
  EXPECT_EQ(dump(member(resource.report(now), "api_versions")), R"({"-":1,"2024-10-21":1})");
}

TEST_F(OpenaiTest, ThrottlesInItsOwnWords) {
  ResourceConfig config = openai();
  config.deployments[0].paygo.requests_per_minute = 1;
  resource = Resource(config, 1, 1.0);
  ask("POST", "/v1/chat/completions", hello);
  const Answer refused = ask("POST", "/v1/chat/completions", hello);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(error_code(refused), "rate_limit_exceeded");
  EXPECT_NE(refused.field("retry-after-ms"), "");
  EXPECT_EQ(refused.body().find("S0"), std::string::npos);
  EXPECT_EQ(refused.length, refused.body().size());
  EXPECT_EQ(refused.field("x-ratelimit-reset-requests"), "10s");
  now += Milliseconds{9'983};
  EXPECT_EQ(ask("POST", "/v1/chat/completions", hello).field("x-ratelimit-reset-requests"), "17ms");
}

}  // namespace
}  // namespace spillway::lab
