#include <gtest/gtest.h>

#include "spillway/http/object_ids.hpp"

namespace spillway::http {
namespace {

// `collection|id`, with `!` when an answer is the object and `#` when it is content.
std::string read(std::string_view path) {
  const auto found = object_path(path);
  if (!found) return "none";
  return std::string(found->collection) + "|" + std::string(found->id) + (found->is_object ? "!" : "") +
         (found->is_content ? "#" : "");
}

TEST(ObjectPaths, AreFoundBehindAnyPrefix) {
  for (const char* prefix : {"", "/openai", "/openai/v1", "/v1", "/routing", "/a/b/openai"}) {
    EXPECT_EQ(read(std::string(prefix) + "/responses"), "responses|") << prefix;
    EXPECT_EQ(read(std::string(prefix) + "/responses/resp_1"), "responses|resp_1!") << prefix;
  }
}

TEST(ObjectPaths, AreThoseOfEverySurfaceWithState) {
  for (const char* collection : {"responses", "conversations", "files", "batches", "threads", "assistants",
                                 "vector_stores", "uploads", "containers", "evals", "videos", "fine_tuning/jobs",
                                 "fine_tuning/checkpoints", "video/generations/jobs", "video/generations"}) {
    const std::string path = "/openai/v1/" + std::string(collection);
    EXPECT_EQ(read(path), std::string(collection) + "|");
    EXPECT_EQ(read(path + "/"), std::string(collection) + "|");
    EXPECT_EQ(read(path + "/x-1"), std::string(collection) + "|x-1!");
    EXPECT_EQ(read(path + "/x-1/y"), std::string(collection) + "|x-1");
  }
  EXPECT_EQ(read("/v1/fine_tuning"), "fine_tuning|");
}

TEST(ObjectPaths, AreNotThoseWithoutState) {
  for (const char* path : {"", "/", "/openai", "/openai/v1/chat/completions", "/v1/embeddings", "/openai/models",
                           "/openai/v1/realtime", "/video/other", "/video", "/responsesx/1", "//"})
    EXPECT_EQ(read(path), "none") << path;
}

TEST(ObjectPaths, AreNotBelowADeploymentExceptItsBatches) {
  EXPECT_EQ(read("/openai/deployments/files/chat/completions"), "none");
  EXPECT_EQ(read("/openai/deployments/gpt/responses/resp_1"), "none");
  EXPECT_EQ(read("/openai/deployments/batches"), "none");
  EXPECT_EQ(read("/openai/Deployments/gpt/batches"), "batches|");
  EXPECT_EQ(read("/openai/deployments/gpt/batches/batch_1"), "batches|batch_1!");
}

TEST(ObjectPaths, EndAtTheObjectOrAtAnActionOnIt) {
  EXPECT_EQ(read("/v1/responses/resp_1/"), "responses|resp_1!");
  EXPECT_EQ(read("/v1/responses/resp_1/cancel"), "responses|resp_1!");
  EXPECT_EQ(read("/v1/uploads/upload_1/complete"), "uploads|upload_1!");
  EXPECT_EQ(read("/v1/fine_tuning/jobs/ftjob-1/pause"), "fine_tuning/jobs|ftjob-1!");
  EXPECT_EQ(read("/v1/fine_tuning/jobs/ftjob-1/events"), "fine_tuning/jobs|ftjob-1");
  EXPECT_EQ(read("/v1/responses/resp_1/input_items"), "responses|resp_1");
  EXPECT_EQ(read("/v1/responses/resp_1/cancel/x"), "responses|resp_1");
  EXPECT_EQ(read("/v1/threads/thread_1/runs/run_1/cancel"), "threads|thread_1");
  EXPECT_EQ(read("/v1/vector_stores/vs_1/files/file-1"), "vector_stores|vs_1");
}

TEST(ObjectPaths, TellContent) {
  EXPECT_EQ(read("/v1/files/file-1/content"), "files|file-1#");
  EXPECT_EQ(read("/v1/containers/cntr_1/files/cfile_1/content"), "containers|cntr_1#");
  EXPECT_EQ(read("/openai/v1/video/generations/gen_1/content/video"), "video/generations|gen_1#");
  EXPECT_EQ(read("/openai/v1/video/generations/jobs/task_1"), "video/generations/jobs|task_1!");
}

TEST(ObjectPaths, KeepActionsOnACollectionApartFromIds) {
  EXPECT_EQ(read("/v1/threads/runs"), "threads/runs|");
  EXPECT_EQ(read("/v1/responses/compact"), "responses/compact|");
  EXPECT_EQ(read("/v1/responses/input_tokens"), "responses/input_tokens|");
  EXPECT_EQ(read("/openai/files/import"), "files/import|");
  EXPECT_EQ(read("/openai/responses/import"), "responses|import!");
}

TEST(ObjectPaths, IgnoreCaseAndKeepTheIdAsWritten) {
  EXPECT_EQ(read("/OpenAI/V1/Responses/Resp%5F1"), "Responses|Resp%5F1!");
}

TEST(ObjectPaths, AreViewsIntoThePath) {
  const std::string path = "/v1/fine_tuning/jobs/ftjob-1";
  const auto found = object_path(path);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->collection.data(), path.data() + 4);
  EXPECT_EQ(found->id.data(), path.data() + 21);
}

}  // namespace
}  // namespace spillway::http
