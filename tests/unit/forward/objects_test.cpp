#include "forward/objects.hpp"

#include "fixture.hpp"

namespace spillway::forward {
namespace {

// Requests to a gateway, and what it finds in them.
class FoundObjects : public testing::Test {
 protected:
  Objects find(const std::string& line, std::string_view body = {}) const {
    const Request request(line);
    return find_objects(request.head(), body, gateway_.marks);
  }
  std::string of_east(const std::string& id) const { return gateway_.marked(id, east); }
  std::string of_west(const std::string& id) const { return gateway_.marked(id, west); }

  const Marking gateway_;
};

TEST_F(FoundObjects, LoseTheirMarkInThePath) {
  const Objects found = find("GET /openai/v1/responses/" + of_west("resp_1") + "/input_items?limit=2");
  EXPECT_EQ(found.owner, west);
  EXPECT_EQ(found.path, "/openai/v1/responses/resp_1/input_items");
  EXPECT_EQ(found.query, std::nullopt);
  EXPECT_EQ(found.body, std::nullopt);
}

TEST_F(FoundObjects, LoseTheirMarkInEverySegmentOfThePath) {
  const Objects found = find("GET /v1/vector_stores/" + of_east("vs_1") + "/files/" + of_east("file-2") + "/");
  EXPECT_EQ(found.owner, east);
  EXPECT_FALSE(found.several_owners);
  EXPECT_EQ(found.path, "/v1/vector_stores/vs_1/files/file-2/");
}

TEST_F(FoundObjects, LoseTheirMarkInTheValuesOfTheQuery) {
  const Objects found =
      find("GET /v1/responses?order=asc&after=" + of_west("resp_1") + "&limit=2&before=" + of_west("resp_9"));
  EXPECT_EQ(found.owner, west);
  EXPECT_EQ(found.path, std::nullopt);
  EXPECT_EQ(found.query, "order=asc&after=resp_1&limit=2&before=resp_9");
}

TEST_F(FoundObjects, LoseTheirMarkUnderTheKeysThatReferToObjects) {
  const Objects found = find("POST /v1/responses", "{ \"previous_response_id\" : \"" + of_west("resp_1") +
                                                       "\", \"tools\":[{\"vector_store_ids\":[\"" + of_west("vs_1") +
                                                       "\",\"vs_2\"]}], \"n\":1.50 }");
  EXPECT_EQ(found.owner, west);
  EXPECT_FALSE(found.several_owners);
  EXPECT_EQ(found.body,
            R"({ "previous_response_id" : "resp_1", "tools":[{"vector_store_ids":["vs_1","vs_2"]}], "n":1.50 })");
}

TEST_F(FoundObjects, AreLeftAloneWhereTheClientWritesWhatItLikes) {
  const std::string id = of_west("resp_1");
  const Objects found =
      find("POST /v1/responses", R"({"input":")" + id + R"(","metadata":{"file_id":")" + id + R"("}})");
  EXPECT_EQ(found.owner, std::nullopt);
  EXPECT_EQ(found.body, std::nullopt);
}

TEST_F(FoundObjects, RestoreNothingWhereNothingIsMarked) {
  for (const std::string body : {"", R"({"previous_response_id":"resp_1"})", R"({"previous_response_id":"x_spw"})",
                                 R"({"previous_response_id":"_spwABCDEFGHabcdef-_"})"}) {
    const Objects found = find("GET /v1/responses/resp_spw_1?after=resp_1", body);
    EXPECT_EQ(found.owner, std::nullopt);
    EXPECT_FALSE(found.several_owners);
    EXPECT_EQ(found.path, std::nullopt);
    EXPECT_EQ(found.query, std::nullopt);
    EXPECT_EQ(found.body, std::nullopt);
  }
}

TEST_F(FoundObjects, WithAForgedMarkAreFromElsewhere) {
  const std::string id = forged(of_west("resp_1"));
  const Objects found = find("GET /v1/responses/" + id + "?after=" + id, R"({"previous_response_id":")" + id + R"("})");
  EXPECT_EQ(found.owner, std::nullopt);
  EXPECT_EQ(found.path, std::nullopt);
  EXPECT_EQ(found.query, std::nullopt);
  EXPECT_EQ(found.body, std::nullopt);
}

TEST_F(FoundObjects, WithAForgedMarkDoNotHideOthers) {
  const std::string from_elsewhere = forged(of_west("vs_1"));
  const Objects found = find("POST /v1/responses", R"({"vector_store_ids":[")" + from_elsewhere + R"(",")" +
                                                       of_east("vs_2") + R"(",")" + from_elsewhere + R"("]})");
  EXPECT_EQ(found.owner, east);
  EXPECT_FALSE(found.several_owners);
  EXPECT_EQ(found.body, R"({"vector_store_ids":[")" + from_elsewhere + R"(","vs_2",")" + from_elsewhere + R"("]})");
}

TEST_F(FoundObjects, OfABackendThatIsGoneAreFromElsewhere) {
  config::Config smaller = two_pools();
  smaller.backends.pop_back();
  const routing::OwnerMarks marks(smaller);
  const Request request("GET /v1/responses/" + of_west("resp_1"));
  const Objects found = find_objects(request.head(), {}, marks);
  EXPECT_EQ(found.owner, std::nullopt);
  EXPECT_EQ(found.path, std::nullopt);
}

TEST_F(FoundObjects, OfTwoBackendsAreToldWhereverTheyStand) {
  const std::string body_of_west = R"({"previous_response_id":")" + of_west("resp_1") + R"("})";
  EXPECT_TRUE(find("POST /v1/threads/" + of_east("thread_1") + "/runs", body_of_west).several_owners);
  EXPECT_TRUE(find("POST /v1/responses?after=" + of_east("resp_2"), body_of_west).several_owners);
  EXPECT_TRUE(find("GET /v1/threads/" + of_east("thread_1") + "/runs?after=" + of_west("run_1")).several_owners);
  EXPECT_TRUE(find("POST /v1/responses", R"({"file_ids":[")" + of_east("file-1") + R"(",")" + of_west("file-2") +
                                             R"(",")" + of_west("file-3") + R"("]})")
                  .several_owners);
  EXPECT_FALSE(find("POST /v1/threads/" + of_west("thread_1") + "/runs", body_of_west).several_owners);
}

// The body's beginning is all there is of one that is streamed.
TEST_F(FoundObjects, AreFoundInTheBeginningOfABody) {
  const std::string id = of_west("resp_1");
  const std::string begun = R"({"previous_response_id":")" + id + R"(","input":"aaaa)";
  const Objects found = find("POST /v1/responses", begun);
  EXPECT_EQ(found.owner, west);
  EXPECT_EQ(found.body, R"({"previous_response_id":"resp_1","input":"aaaa)");
  const std::size_t end_of_id = begun.find(id) + id.size();
  for (std::size_t size = 0; size <= end_of_id; ++size) {
    const Objects cut = find("POST /v1/responses", begun.substr(0, size));
    EXPECT_EQ(cut.owner, std::nullopt) << size;
    EXPECT_EQ(cut.body, std::nullopt) << size;
  }
}

TEST_F(FoundObjects, AreLookedForInJsonOnly) {
  const std::string body = "--XX\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n" + of_west("resp_1") + "\r\n";
  EXPECT_EQ(find("POST /v1/files", body).owner, std::nullopt);
  EXPECT_EQ(find("POST /v1/files", "{\"id\":\"" + of_west("resp_1") + "\"}").owner, west);
}

TEST_F(FoundObjects, AreMadeOnStatefulSurfacesButNotInTheirContent) {
  EXPECT_TRUE(find("POST /openai/v1/responses").makes_ids);
  EXPECT_TRUE(find("GET /openai/v1/files").makes_ids);
  EXPECT_TRUE(find("GET /openai/v1/files/file-1").makes_ids);
  EXPECT_FALSE(find("GET /openai/v1/files/file-1/content").makes_ids);
  EXPECT_FALSE(find("GET /openai/v1/files/" + of_west("file-1") + "/content").makes_ids);
  EXPECT_FALSE(find("POST /openai/v1/chat/completions").makes_ids);
  EXPECT_FALSE(find("POST /openai/deployments/responses/chat/completions").makes_ids);
}

TEST_F(FoundObjects, AreTheAnswerToTheirPathAndToWhatMakesThem) {
  EXPECT_TRUE(find("GET /openai/v1/responses/resp_1").is_object);
  EXPECT_TRUE(find("DELETE /openai/v1/responses/resp_1").is_object);
  EXPECT_TRUE(find("POST /openai/v1/responses/resp_1/cancel").is_object);
  EXPECT_TRUE(find("POST /openai/v1/responses").is_object);
  EXPECT_FALSE(find("GET /openai/v1/responses").is_object);
  EXPECT_FALSE(find("GET /openai/v1/responses/resp_1/input_items").is_object);
  EXPECT_FALSE(find("POST /openai/v1/threads/thread_1/messages").is_object);
  EXPECT_FALSE(find("POST /openai/v1/chat/completions").is_object);
}

TEST_F(FoundObjects, AreInThePathMarkedOrNot) {
  EXPECT_TRUE(find("GET /openai/v1/responses/resp_1").in_path);
  EXPECT_TRUE(find("GET /openai/v1/responses/" + of_east("resp_1")).in_path);
  EXPECT_TRUE(find("GET /openai/v1/files/file-1/content").in_path);
  EXPECT_FALSE(find("GET /openai/v1/responses?after=" + of_east("resp_1")).in_path);
  EXPECT_FALSE(find("POST /openai/v1/chat/completions").in_path);
}

}  // namespace
}  // namespace spillway::forward
