#include "composing.hpp"

// A batch made below a deployment, as AzureOpenAI of Node's package does.
namespace spillway::forward {
namespace {

using OutgoingBatch = Composing;

TEST_F(OutgoingBatch, GetsNoModelBecauseItsFileNamesThem) {
  const std::string came = R"({"input_file_id":"file-1","endpoint":"/v1/chat/completions"})";
  EXPECT_EQ(send("POST /openai/deployments/gpt-4o/batches", {}, came).body, came);
  talk_openai();
  const Sent sent = send("POST /openai/deployments/gpt-4o/batches", {}, came);
  EXPECT_EQ(sent.line, "POST /v1/batches");
  EXPECT_EQ(sent.body, came);
}

}  // namespace
}  // namespace spillway::forward
