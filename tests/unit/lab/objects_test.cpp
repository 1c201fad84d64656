#include "objects_fixture.hpp"

namespace spillway::lab {
namespace {

TEST_F(ObjectsTest, AConversationIsMadeReadChangedAndDeleted) {
  const std::string id = made("conversations", R"({"metadata":{"topic":"a"},"items":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(id.substr(0, 5), "conv_");
  EXPECT_EQ(dump(member(seen("conversations/" + id), "metadata")), R"({"topic":"a"})");
  EXPECT_EQ(v1("conversations/" + id, R"({"metadata":{"topic":"b"}})").status, 200);
  EXPECT_EQ(dump(member(seen("conversations/" + id), "metadata")), R"({"topic":"b"})");
  EXPECT_EQ(listed("conversations/" + id + "/items"), 1U);
  const Json deleted = parsed(send("DELETE", "/openai/v1/conversations/" + id));
  EXPECT_EQ(dump(deleted), R"({"id":")" + id + R"(","object":"conversation.deleted","deleted":true})");
  EXPECT_EQ(get("conversations/" + id).status, 404);
  EXPECT_EQ(get("conversations/" + id + "/items").status, 404);
}

TEST_F(ObjectsTest, ItemsOfAConversationComeAndGo) {
  const std::string base = "conversations/" + made("conversations", "{}") + "/items";
  const Answer added = v1(base, R"({"items":[{"role":"user","content":"one"},{"role":"user","content":"two"}]})");
  const Json items = member(parsed(added), "data");
  ASSERT_EQ(items.size(), 2U);
  const std::string first = text_of(member(items.front(), "id"));
  EXPECT_EQ(text_of(member(seen(base + "/" + first), "content")), "one");
  EXPECT_EQ(member(parsed(send("DELETE", "/openai/v1/" + base + "/" + first)), "object"), "conversation");
  EXPECT_EQ(listed(base), 1U);
  EXPECT_EQ(v1(base, "{}").status, 400) << "items is missing";
}

TEST_F(ObjectsTest, AResponseAddsToItsConversation) {
  const std::string id = made("conversations", "{}");
  for (const std::string& conversation : {"\"" + id + "\"", R"({"id":")" + id + "\"}"}) {
    const Answer answer = v1("responses", R"({"model":"gpt-4o","input":"hello","conversation":)" + conversation + "}");
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(member(member(parsed(answer), "conversation"), "id"), id);
  }
  EXPECT_EQ(listed("conversations/" + id + "/items"), 4U) << "what was asked and what was said, twice";
}

TEST_F(ObjectsTest, AResponseMayOnlyNameWhatLivesHere) {
  const auto respond = [&](const std::string& members) {
    return v1("responses", R"({"model":"gpt-4o","input":"hello",)" + members + "}");
  };
  EXPECT_EQ(respond(R"("conversation":"conv_foreign")").status, 404);
  EXPECT_EQ(message_of(respond(R"("conversation":{"id":"conv_foreign"})")),
            "Conversation with id 'conv_foreign' not found.");
  EXPECT_EQ(respond(R"("tools":[{"type":"file_search","vector_store_ids":["vs_foreign"]}])").status, 404);
  EXPECT_EQ(respond(R"("tools":[{"type":"code_interpreter","container":"cntr_foreign"}])").status, 404);
  EXPECT_EQ(error_code(respond(R"("previous_response_id":"resp_foreign")")), "previous_response_not_found");
  const auto with_file = [&](const std::string& id) {
    return v1("responses", R"({"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_file","file_id":")" +
                               id + "\"}]}]}");
  };
  EXPECT_EQ(with_file("file-foreign").status, 404);
  EXPECT_EQ(with_file(file("user_data", "x")).status, 200);
  EXPECT_EQ(respond(R"("tools":[{"type":"code_interpreter","container":{"type":"auto"}}])").status, 200);
  EXPECT_EQ(
      respond(R"("tools":[{"type":"code_interpreter","container":")" + made("containers", R"({"name":"c"})") + "\"}]")
          .status,
      200);
}

TEST_F(ObjectsTest, ABatchNeedsAFileOfThisResourceAndAnswersItsLines) {
  EXPECT_EQ(v1("batches", R"({"endpoint":"/chat/completions"})").status, 400);
  const Answer foreign = v1("batches", R"({"input_file_id":"file-foreign","endpoint":"/chat/completions"})");
  EXPECT_EQ(foreign.status, 404);
  EXPECT_EQ(message_of(foreign), "No such File object: file-foreign");

  const std::string input = file(
      "batch", R"({"custom_id":"a","url":"/chat/completions","body":{"messages":[{"role":"user","content":"hi"}]}})"
               "\n");
  const std::string id = made("batches", R"({"input_file_id":")" + input + R"(","endpoint":"/chat/completions"})");
  EXPECT_EQ(id.substr(0, 6), "batch_");
  EXPECT_EQ(member(seen("batches/" + id), "status"), "in_progress");
  const Json done = seen("batches/" + id);
  EXPECT_EQ(member(done, "status"), "completed");
  EXPECT_EQ(member(member(done, "request_counts"), "completed"), 1);
  const std::string output = get("files/" + text_of(member(done, "output_file_id")) + "/content").body();
  EXPECT_NE(output.find(R"("custom_id":"a")"), std::string::npos);
  EXPECT_NE(output.find("You said: hi"), std::string::npos);
  EXPECT_EQ(v1("batches/" + id + "/cancel", "").status, 400) << "it is over";
  EXPECT_EQ(listed("batches"), 1U);
}

TEST_F(ObjectsTest, ABatchCanBeCancelled) {
  const std::string input = file("batch", "{}\n");
  const std::string id = made("batches", R"({"input_file_id":")" + input + R"(","endpoint":"/chat/completions"})");
  EXPECT_EQ(member(parsed(v1("batches/" + id + "/cancel", "")), "status"), "cancelled");
  EXPECT_EQ(member(seen("batches/" + id), "status"), "cancelled");
}

TEST_F(ObjectsTest, AVectorStoreHoldsFilesOfThisResource) {
  EXPECT_EQ(v1("vector_stores", R"({"file_ids":["file-foreign"]})").status, 404);
  const std::string one = file("assistants", "first line\nsecond line");
  EXPECT_EQ(one.substr(0, 10), "assistant-");
  const std::string store = "vector_stores/" + made("vector_stores", R"({"name":"n","file_ids":[")" + one + "\"]}");
  EXPECT_EQ(member(member(seen(store), "file_counts"), "total"), 1);
  EXPECT_EQ(seen(store + "/files/" + one)["vector_store_id"], store.substr(14));
  EXPECT_EQ(v1(store + "/files", R"({"file_id":"file-foreign"})").status, 404);
  EXPECT_EQ(v1(store + "/files", R"({"file_id":")" + file("assistants", "other") + "\"}").status, 200);
  EXPECT_EQ(listed(store + "/files"), 2U);
  const Answer found = v1(store + "/search", R"({"query":"line"})");
  EXPECT_NE(found.body().find(R"("text":"first line")"), std::string::npos);
  EXPECT_EQ(parsed(send("DELETE", "/openai/v1/" + store + "/files/" + one))["object"], "vector_store.file.deleted");
  EXPECT_EQ(get("files/" + one).status, 200) << "only out of the store";
}

TEST_F(ObjectsTest, AContainerKeepsFiles) {
  const std::string one = file("user_data", "content");
  const std::string container = "containers/" + made("containers", R"({"name":"c","file_ids":[")" + one + "\"]}");
  const Json copied = member(seen(container + "/files"), "data").front();
  EXPECT_EQ(get(container + "/files/" + text_of(member(copied, "id")) + "/content").body(), "content");
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.txt\"\r\n\r\nuploaded\r\n--B--\r\n";
  const std::string other = id_of(send("POST", "/openai/v1/" + container + "/files", body, form_fields));
  EXPECT_EQ(get(container + "/files/" + other + "/content").body(), "uploaded");
  EXPECT_EQ(seen(container + "/files/" + other)["path"], "/mnt/data/b.txt");
}

TEST_F(ObjectsTest, AnUploadBecomesAFile) {
  const std::string upload =
      "uploads/" + made("uploads", R"({"filename":"big.txt","purpose":"batch","bytes":6,"mime_type":"text/plain"})");
  const auto part = [&](const std::string& bytes) {
    const std::string body =
        "--B\r\nContent-Disposition: form-data; name=\"data\"; filename=\"blob\"\r\n\r\n" + bytes + "\r\n--B--\r\n";
    return id_of(send("POST", "/openai/v1/" + upload + "/parts", body, form_fields));
  };
  const std::string one = part("abc");
  const std::string two = part("def");
  EXPECT_EQ(v1(upload + "/complete", R"({"part_ids":["part_foreign"]})").status, 404);
  const Json done = parsed(v1(upload + "/complete", R"({"part_ids":[")" + two + "\",\"" + one + "\"]}"));
  EXPECT_EQ(member(done, "status"), "completed");
  EXPECT_EQ(get("files/" + text_of(member(member(done, "file"), "id")) + "/content").body(), "defabc");
  EXPECT_EQ(v1(upload + "/cancel", "").status, 400);
}

TEST_F(ObjectsTest, AFineTuningJobNeedsAFileAndHasEvents) {
  EXPECT_EQ(v1("fine_tuning/jobs", R"({"model":"gpt-4o-mini","training_file":"file-foreign"})").status, 404);
  const std::string id =
      made("fine_tuning/jobs", R"({"model":"gpt-4o-mini","training_file":")" + file("fine-tune", "{}") + "\"}");
  EXPECT_EQ(id.substr(0, 6), "ftjob-");
  EXPECT_EQ(listed("fine_tuning/jobs/" + id + "/events"), 1U);
  get("fine_tuning/jobs/" + id);
  EXPECT_EQ(seen("fine_tuning/jobs/" + id)["status"], "succeeded");
  EXPECT_EQ(listed("fine_tuning/jobs/" + id + "/events"), 2U);
  EXPECT_EQ(listed("fine_tuning/jobs"), 1U);
}

TEST_F(ObjectsTest, ListsArePagedNewestFirst) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(made("vector_stores", "{}"));
  const Json page = seen("vector_stores?limit=2");
  EXPECT_EQ(member(page, "first_id"), ids[4]);
  EXPECT_EQ(member(page, "last_id"), ids[3]);
  EXPECT_EQ(member(page, "has_more"), true);
  const Json rest = seen("vector_stores?limit=9&order=asc&after=" + ids[1]);
  ASSERT_EQ(member(rest, "data").size(), 3U);
  EXPECT_EQ(member(rest, "first_id"), ids[2]);
  EXPECT_EQ(member(rest, "has_more"), false);
}

TEST_F(ObjectsTest, AnotherResourceOrSeedKnowsNoneOfTheIdsAndMakesOthers) {
  const std::string id = made("conversations", "{}");
  ResourceConfig other = standard();
  other.name = "west";
  resource = Resource(other, 1, 1.0);
  EXPECT_EQ(get("conversations/" + id).status, 404);
  EXPECT_NE(made("conversations", "{}"), id);
  resource = Resource(standard(), 2, 1.0);
  EXPECT_NE(made("conversations", "{}"), id);
  resource = Resource(standard(), 1, 1.0);
  EXPECT_EQ(made("conversations", "{}"), id);
}

TEST_F(ObjectsTest, ClassicPathsLeadToTheSameObjects) {
  const std::string id =
      id_of(send("POST", "/openai/assistants?api-version=2025-03-01-preview", R"({"model":"gpt-4o"})"));
  EXPECT_EQ(get("assistants/" + id).status, 200);
  EXPECT_EQ(send("GET", "/openai/assistants/" + id).status, 404) << "no version";
}

TEST_F(ObjectsTest, WhatACollectionDoesNotDoIsNotFound) {
  EXPECT_EQ(error_code(get("conversations")), "404") << "cannot be listed";
  EXPECT_EQ(error_code(v1("files/file-1/rename", "{}")), "404");
  EXPECT_EQ(error_code(send("DELETE", "/openai/v1/batches/batch_1")), "404");
  EXPECT_EQ(get("threads/a%2Fb").status, 404);
  EXPECT_EQ(v1("conversations", "[]").status, 400);
}

}  // namespace
}  // namespace spillway::lab
