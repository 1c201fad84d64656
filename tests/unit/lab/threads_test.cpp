#include "objects_fixture.hpp"

namespace spillway::lab {
namespace {

using ThreadsTest = ObjectsTest;

TEST_F(ThreadsTest, AnAssistantRunsOverAThread) {
  EXPECT_EQ(v1("assistants", "{}").status, 400) << "no model";
  EXPECT_EQ(error_code(v1("assistants", R"({"model":"other"})")), "DeploymentNotFound");
  const std::string assistant = made("assistants", R"({"model":"gpt-4o","instructions":"be brief"})");
  const std::string thread = "threads/" + made("threads", R"({"messages":[{"role":"user","content":"hello"}]})");
  made(thread + "/messages", R"({"role":"user","content":[{"type":"text","text":"and again"}]})");
  EXPECT_EQ(listed(thread + "/messages"), 2U);

  EXPECT_EQ(v1(thread + "/runs", R"({"assistant_id":"asst_foreign"})").status, 404);
  const Json run = parsed(v1(thread + "/runs", R"({"assistant_id":")" + assistant + "\"}"));
  EXPECT_EQ(member(run, "status"), "queued");
  EXPECT_EQ(member(run, "model"), "gpt-4o");
  EXPECT_EQ(member(run, "instructions"), "be brief");
  EXPECT_EQ("threads/" + text_of(member(run, "thread_id")), thread);
  const std::string path = thread + "/runs/" + text_of(member(run, "id"));
  EXPECT_EQ(member(seen(path), "status"), "in_progress");
  EXPECT_EQ(member(seen(path), "status"), "completed");
  EXPECT_EQ(member(seen(path), "status"), "completed");
  const Json last = member(seen(thread + "/messages"), "data").front();
  EXPECT_EQ(member(last, "role"), "assistant");
  EXPECT_NE(dump(last).find("You said: and again"), std::string::npos);
  EXPECT_EQ(listed(path + "/steps"), 1U);
}

TEST_F(ThreadsTest, ARunIsStreamed) {
  const std::string assistant = made("assistants", R"({"model":"gpt-4o"})");
  const Answer answer =
      v1("threads/runs", R"({"assistant_id":")" + assistant +
                             R"(","stream":true,"thread":{"messages":[{"role":"user","content":"hi"}]}})");
  const auto all = events(answer);
  ASSERT_GT(all.size(), 8U);
  EXPECT_EQ(all[0].event, "thread.created");
  EXPECT_EQ(all[1].event, "thread.run.created");
  EXPECT_EQ(all[2].event, "thread.run.queued");
  EXPECT_EQ(all[3].event, "thread.run.in_progress");
  EXPECT_EQ(all[4].event, "thread.message.created");
  EXPECT_NE(all[4].data.find(R"("content":[])"), std::string::npos) << "the deltas bring it";
  EXPECT_EQ(all[all.size() - 2].event, "thread.run.completed");
  EXPECT_EQ(all.back().event, "done");
  EXPECT_EQ(all.back().data, "[DONE]");
  const Json run = parse_json(all[1].data).value_or(Json());
  EXPECT_EQ(
      member(seen("threads/" + text_of(member(run, "thread_id")) + "/runs/" + text_of(member(run, "id"))), "status"),
      "completed");
}

}  // namespace
}  // namespace spillway::lab
