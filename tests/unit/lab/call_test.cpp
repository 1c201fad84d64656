#include "lab/call.hpp"

#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

Call call(std::string_view method, std::string_view path, std::string_view query = {}) {
  Request request;
  request.method = method;
  request.path = path;
  request.query = query;
  return read_call(request);
}

TEST(Call, ReadsTheDeploymentOfAClassicPath) {
  const Call chat = call("POST", "/openai/deployments/gpt%2D4o/chat/completions", "api-version=2024-10-21");
  EXPECT_EQ(chat.operation, Operation::chat_completions);
  EXPECT_EQ(chat.surface, Surface::classic);
  EXPECT_TRUE(chat.deployment_in_path);
  EXPECT_EQ(chat.deployment, "gpt-4o");
  EXPECT_EQ(chat.api_version, "2024-10-21");
}

TEST(Call, KnowsTheOperationsOfADeployment) {
  const auto operation = [](const std::string& path) {
    return call("POST", "/openai/deployments/d/" + path).operation;
  };
  EXPECT_EQ(operation("completions"), Operation::completions);
  EXPECT_EQ(operation("embeddings"), Operation::embeddings);
  EXPECT_EQ(operation("images/generations"), Operation::image_generations);
  EXPECT_EQ(operation("images/edits"), Operation::image_edits);
  EXPECT_EQ(operation("audio/transcriptions"), Operation::transcriptions);
  EXPECT_EQ(operation("audio/translations"), Operation::translations);
  EXPECT_EQ(operation("audio/speech"), Operation::speech);
  EXPECT_EQ(operation("responses"), Operation::unknown) << "never deployment-scoped";
}

TEST(Call, KnowsV1WithoutADeploymentInThePath) {
  const Call chat = call("POST", "/openai/v1/chat/completions");
  EXPECT_EQ(chat.operation, Operation::chat_completions);
  EXPECT_EQ(chat.surface, Surface::v1);
  EXPECT_FALSE(chat.deployment_in_path);
}

TEST(Call, KnowsObjectsOnBothSurfaces) {
  for (const std::string& base : {std::string("/openai/"), std::string("/openai/v1/")}) {
    EXPECT_EQ(call("POST", base + "responses").operation, Operation::create_response);
    const Call get = call("GET", base + "responses/resp_1");
    EXPECT_EQ(get.operation, Operation::get_response);
    EXPECT_EQ(get.id, "resp_1");
    EXPECT_EQ(call("DELETE", base + "responses/resp_1").operation, Operation::delete_response);
    EXPECT_EQ(call("POST", base + "responses/resp_1/cancel").operation, Operation::cancel_response);
    EXPECT_EQ(call("GET", base + "responses/resp_1/input_items").operation, Operation::response_input_items);
    EXPECT_EQ(call("GET", base + "models").operation, Operation::list_models);
    EXPECT_EQ(call("GET", base + "models/gpt").operation, Operation::get_model);
    EXPECT_EQ(call("POST", base + "files").operation, Operation::object);
    EXPECT_EQ(call("GET", base + "files/file-1/content").operation, Operation::object);
  }
}

TEST(Call, BatchesAreMadeBelowADeploymentToo) {
  const Call made = call("POST", "/openai/deployments/d/batches");
  EXPECT_EQ(made.operation, Operation::object);
  ASSERT_TRUE(made.place);
  EXPECT_EQ(made.place->base, "batches");
  EXPECT_EQ(call("GET", "/openai/deployments/d/batches").operation, Operation::unknown);
  EXPECT_EQ(call("POST", "/openai/deployments/d/files").operation, Operation::unknown);
}

TEST(Call, AnythingElseIsUnknown) {
  EXPECT_EQ(call("GET", "/openai/v1/chat/completions").operation, Operation::unknown);
  EXPECT_EQ(call("POST", "/v1/chat/completions").operation, Operation::unknown);
  EXPECT_EQ(call("POST", "/openai/deployments/d").operation, Operation::unknown);
  EXPECT_EQ(call("POST", "/openai/deployments//chat/completions").operation, Operation::unknown);
  EXPECT_EQ(call("POST", "/openai/responses/resp_1").operation, Operation::unknown);
  EXPECT_EQ(call("GET", "/openai/responses/").operation, Operation::unknown);
  EXPECT_EQ(call("GET", "/openai/files/f/content/x").operation, Operation::unknown);
  EXPECT_EQ(call("POST", "/").operation, Operation::unknown);
}

VersionCheck version(std::string_view path, std::string_view query) {
  return check_version(call("POST", path, query));
}

TEST(ApiVersion, IsNeededAndDatedOnClassicPaths) {
  const std::string_view path = "/openai/deployments/d/chat/completions";
  EXPECT_EQ(version(path, "api-version=2024-10-21"), VersionCheck::ok);
  EXPECT_EQ(version(path, "x=1&api-version=2025-04-01-preview"), VersionCheck::ok);
  EXPECT_EQ(version(path, ""), VersionCheck::not_found);
  EXPECT_EQ(version(path, "api-version="), VersionCheck::not_found);
  EXPECT_EQ(version(path, "api-version=v1"), VersionCheck::not_found);
  EXPECT_EQ(version(path, "api-version=2024-10-2x"), VersionCheck::not_found);
  EXPECT_EQ(version(path, "api-version=2024-10-21-beta"), VersionCheck::not_found);
}

TEST(ApiVersion, MayNotBeDatedOnV1) {
  const std::string_view path = "/openai/v1/responses";
  EXPECT_EQ(version(path, ""), VersionCheck::ok);
  EXPECT_EQ(version(path, "api-version=v1"), VersionCheck::ok);
  EXPECT_EQ(version(path, "api-version=preview"), VersionCheck::ok);
  EXPECT_EQ(version(path, "api-version=2024-10-21"), VersionCheck::not_supported);
}

TEST(Models, DoWhatTheirFamilyDoes) {
  EXPECT_TRUE(supports("gpt-4o-mini", Operation::chat_completions));
  EXPECT_TRUE(supports("gpt-4o-mini", Operation::create_response));
  EXPECT_FALSE(supports("gpt-4o-mini", Operation::embeddings));
  EXPECT_TRUE(supports("text-embedding-3-small", Operation::embeddings));
  EXPECT_FALSE(supports("text-embedding-3-small", Operation::chat_completions));
  EXPECT_TRUE(supports("gpt-image-1", Operation::image_edits));
  EXPECT_TRUE(supports("gpt-4o-transcribe", Operation::transcriptions));
  EXPECT_FALSE(supports("whisper", Operation::speech));
  EXPECT_TRUE(supports("gpt-4o-mini-tts", Operation::speech));
  EXPECT_TRUE(supports("something-new", Operation::embeddings));
}

}  // namespace
}  // namespace spillway::lab
