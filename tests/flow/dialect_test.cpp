#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// Azure and OpenAI backends behind clients of either kind.
namespace spillway::test {
namespace {

using nlohmann::json;

std::string yaml(const FakeBackend& backend, const std::string& settings) {
  return clients_yaml() + "backends:\n  - {name: a, url: \"" + backend.url() + "\", auth: {api_key: backend-key}, " +
         settings + "}\n" + pool_yaml("a");
}

// What the backend got for one request.
Message seen(const std::string& settings, const std::string& bytes) {
  FakeBackend backend;
  const TestGateway gateway(yaml(backend, settings));
  const Message answer = gateway.call(bytes);
  EXPECT_EQ(answer.status(), 200) << answer.body;
  return backend.last_request();
}

Message seen_post(const std::string& settings, const std::string& target, const std::string& body) {
  return seen(settings, request("POST", target, {{"api-key", "test-key"}, {"Content-Type", "application/json"}}, body));
}

constexpr char openai[] = "api: openai";
constexpr char classic[] = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";

TEST(OpenAiBackend, AClassicPathBecomesV1AndTheApiVersionIsDropped) {
  EXPECT_EQ(seen_post(openai, classic, "{\"model\":\"gpt-4o\"}").target(), "/v1/chat/completions");
  EXPECT_EQ(seen_post(openai, "/openai/responses?api-version=2025-03-01-preview&x=1", "{\"model\":\"m\"}").target(),
            "/v1/responses?x=1");
  EXPECT_EQ(seen_post(openai, "/openai/v1/responses?api-version=preview", "{\"model\":\"m\"}").target(),
            "/v1/responses");
}

TEST(OpenAiBackend, AV1PathStaysAsItIs) {
  const std::string body = "{ \"model\" : \"gpt-4o\" }";
  const Message got = seen_post(openai, "/v1/chat/completions", body);
  EXPECT_EQ(got.target(), "/v1/chat/completions");
  EXPECT_EQ(got.body, body);
}

TEST(OpenAiBackend, TheKeyGoesOutAsBearer) {
  const Message got = seen_post(openai, classic, "{}");
  EXPECT_EQ(got.header("authorization"), "Bearer backend-key");
  EXPECT_EQ(got.count("api-key"), 0U);
}

TEST(OpenAiBackend, TheModelOfThePathMovesIntoTheBody) {
  EXPECT_EQ(seen_post(openai, classic, "{\"messages\":[]}").body, "{\"model\":\"gpt-4o\",\"messages\":[]}");
  EXPECT_EQ(seen_post(openai, classic, " {} ").body, " {\"model\":\"gpt-4o\"} ");
  EXPECT_EQ(seen_post(openai, classic, "{\"n\":1,\"model\":\"other\"}").body, "{\"n\":1,\"model\":\"gpt-4o\"}")
      << "the path decides";
  const Message mapped = seen_post("api: openai, deployments: {gpt-4o: org/model}", classic, "{\"n\":1}");
  EXPECT_EQ(json::parse(mapped.body), (json{{"model", "org/model"}, {"n", 1}}));
  EXPECT_EQ(mapped.header("content-length"), std::to_string(mapped.body.size()));
}

TEST(OpenAiBackend, TheModelOfThePathMovesIntoAForm) {
  const std::string form =
      "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--XX--\r\n";
  const Message got =
      seen(openai, request("POST", "/openai/deployments/whisper/audio/transcriptions?api-version=2024-10-21",
                           {{"api-key", "test-key"}, {"Content-Type", "multipart/form-data; boundary=XX"}}, form));
  EXPECT_EQ(got.target(), "/v1/audio/transcriptions");
  EXPECT_NE(got.body.find("name=\"model\"\r\n\r\nwhisper\r\n"), std::string::npos) << got.body;
  EXPECT_TRUE(got.body.ends_with(form)) << got.body;
  EXPECT_EQ(got.header("content-length"), std::to_string(got.body.size()));
}

TEST(OpenAiBackend, AChunkedBodyGetsTheModelToo) {
  const Message got = seen(openai, "POST " + std::string(classic) +
                                       " HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nContent-Type: application/json\r\n"
                                       "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"n\":\r\n2\r\n1}\r\n0\r\n\r\n");
  EXPECT_EQ(got.body, "{\"model\":\"gpt-4o\",\"n\":1}");
}

TEST(AzureBackend, BehindClientsOfThePlainSurfaceGetsItsOwnPath) {
  EXPECT_EQ(seen_post("api: azure", "/v1/chat/completions", "{\"model\":\"m\"}").target(),
            "/openai/v1/chat/completions");
  EXPECT_EQ(seen_post("api: azure, api_version: 2024-10-21", "/v1/responses?x=1", "{\"model\":\"m\"}").target(),
            "/openai/v1/responses?x=1");
  EXPECT_EQ(seen_post("api: azure", "/v1beta/x", "{}").target(), "/v1beta/x");
}

TEST(Dialects, OnePoolMixesBoth) {
  FakeBackend azure, openai_like;
  const TestGateway gateway(
      clients_yaml() + "backends:\n  - {name: azure, url: \"" + azure.url() +
      "\", auth: {api_key: azure-key}, deployments: {gpt-4o: gpt-4o-ptu}}\n  - {name: vllm, url: \"" +
      openai_like.url() + "\", api: openai, auth: {api_key: vllm-key}, deployments: {gpt-4o: meta/llama}}\n" +
      pool_yaml("{backend: azure, priority: 1}, {backend: vllm, priority: 2}"));
  azure.then_reply(429, retry_after_ms(60'000));
  const Message answer = gateway.chat("gpt-4o");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("x-routed-backend"), "vllm");
  EXPECT_EQ(azure.last_request().target(), "/openai/deployments/gpt-4o-ptu/chat/completions?api-version=2024-10-21");
  EXPECT_EQ(azure.last_request().header("api-key"), "azure-key");
  EXPECT_EQ(openai_like.last_request().target(), "/v1/chat/completions");
  EXPECT_EQ(json_of(openai_like.last_request())["model"], "meta/llama");
  EXPECT_EQ(openai_like.last_request().header("authorization"), "Bearer vllm-key");
}

}  // namespace
}  // namespace spillway::test
