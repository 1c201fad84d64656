#include "resource_fixture.hpp"

namespace spillway::lab {
namespace {

class ResponsesTest : public ResourceTest {
 protected:
  Answer create(const std::string& members) { return v1("responses", R"({"model":"gpt-4o")" + members + "}"); }
  static std::string id_of(const Answer& answer) { return text_of(member(parsed(answer), "id")); }
};

TEST_F(ResponsesTest, CreatesKeepsAndForgets) {
  const Answer created = create(R"(,"input":"hello")");
  EXPECT_EQ(created.status, 200);
  const Json response = parsed(created);
  EXPECT_EQ(member(response, "object"), "response");
  EXPECT_EQ(member(response, "status"), "completed");
  const Json& content = member(member(response, "output").front(), "content").front();
  EXPECT_EQ(member(content, "text"), "You said: hello");
  EXPECT_EQ(member(member(response, "usage"), "total_tokens"), 5);

  const std::string path = "/openai/v1/responses/" + id_of(created);
  EXPECT_EQ(dump(parsed(send("GET", path))), dump(response));
  EXPECT_EQ(send("GET", "/openai/responses/" + id_of(created) + "?api-version=2025-04-01-preview").status, 200);
  const Json items = parsed(send("GET", path + "/input_items"));
  EXPECT_EQ(member(member(member(items, "data").front(), "content").front(), "text"), "hello");
  EXPECT_EQ(member(parsed(send("DELETE", path)), "deleted"), true);
  EXPECT_EQ(send("GET", path).status, 404);
  EXPECT_EQ(send("DELETE", path).status, 404);
}

TEST_F(ResponsesTest, ContinuesItsOwnResponsesOnly) {
  const std::string first = id_of(create(R"(,"input":"hello")"));
  const Json second = parsed(create(R"(,"input":"again","previous_response_id":")" + first + "\""));
  EXPECT_EQ(member(second, "previous_response_id"), first);
  EXPECT_EQ(member(member(second, "usage"), "input_tokens"), 2 + 5) << "the conversation so far is read again";

  Resource other(standard(), 1, 1.0);
  std::swap(resource, other);
  const Answer unknown = create(R"(,"input":"again","previous_response_id":")" + first + "\"");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(error_code(unknown), "previous_response_not_found");
}

TEST_F(ResponsesTest, IdsOfTwoResourcesDiffer) {
  ResourceConfig config = standard();
  config.name = "west";
  const std::string here = id_of(create(R"(,"input":"hello")"));
  resource = Resource(config, 1, 1.0);
  EXPECT_NE(id_of(create(R"(,"input":"hello")")), here);
}

TEST_F(ResponsesTest, DoesNotKeepWhatIsNotToBeStored) {
  const Answer created = create(R"(,"input":"hello","store":false)");
  EXPECT_EQ(send("GET", "/openai/v1/responses/" + id_of(created)).status, 404);
}

TEST_F(ResponsesTest, StreamsNumberedEventsWithoutDone) {
  const auto all = events(create(R"(,"input":"hello","stream":true)"));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Json data = *parse_json(all[i].data);
    EXPECT_EQ(member(data, "type"), all[i].event);
    EXPECT_EQ(member(data, "sequence_number"), i);
    names.push_back(all[i].event);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"response.created", "response.in_progress", "response.output_item.added",
                                             "response.content_part.added", "response.output_text.delta",
                                             "response.output_text.delta", "response.output_text.delta",
                                             "response.output_text.done", "response.content_part.done",
                                             "response.output_item.done", "response.completed"}));
  const Json last = *parse_json(all.back().data);
  EXPECT_EQ(member(member(member(last, "response"), "usage"), "total_tokens"), 5);
  const Json begun = *parse_json(all.front().data);
  EXPECT_EQ(member(member(begun, "response"), "status"), "in_progress");
  EXPECT_TRUE(member(member(begun, "response"), "usage").is_null());
}

TEST_F(ResponsesTest, ResumesAStreamAfterAnEvent) {
  const std::string id = id_of(create(R"(,"input":"hello")"));
  const auto all = events(send("GET", "/openai/v1/responses/" + id + "?stream=true&starting_after=8"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(member(*parse_json(all[0].data), "sequence_number"), 9);
  EXPECT_EQ(all[1].event, "response.completed");
}

TEST_F(ResponsesTest, TooFewTokensMakeItIncomplete) {
  const auto all = events(create(R"(,"input":"hello","stream":true,"max_output_tokens":2)"));
  EXPECT_EQ(all.back().event, "response.incomplete");
  const Json last = *parse_json(all.back().data);
  EXPECT_EQ(member(member(member(last, "response"), "incomplete_details"), "reason"), "max_output_tokens");
}

TEST_F(ResponsesTest, CallsFunctions) {
  const std::string tool =
      R"(,"input":"x","tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}],"tool_choice":"required")";
  const Json response = parsed(create(tool));
  const Json& item = member(response, "output").front();
  EXPECT_EQ(member(item, "type"), "function_call");
  EXPECT_EQ(member(item, "name"), "f");
  EXPECT_EQ(member(item, "arguments"), R"({"a":1})");
  std::string arguments;
  for (const auto& event : events(create(tool + R"(,"stream":true)"))) {
    if (event.event == "response.function_call_arguments.delta")
      arguments += text_of(member(*parse_json(event.data), "delta"));
  }
  EXPECT_EQ(arguments, R"({"a":1})");
}

TEST_F(ResponsesTest, WorksInTheBackgroundUntilItsTimeIsOver) {
  ResourceConfig config = standard();
  config.deployments[0].latency = {Milliseconds{100}, Milliseconds{0}};
  resource = Resource(config, 1, 1.0);
  const Answer queued = create(R"(,"input":"hello","background":true)");
  EXPECT_EQ(queued.delay, Milliseconds{0});
  EXPECT_EQ(member(parsed(queued), "status"), "queued");
  const std::string path = "/openai/v1/responses/" + id_of(queued);
  now += Milliseconds{99};
  EXPECT_EQ(member(parsed(send("GET", path)), "status"), "in_progress");
  now += Milliseconds{1};
  EXPECT_EQ(member(parsed(send("GET", path)), "status"), "completed");
}

TEST_F(ResponsesTest, OnlyBackgroundWorkCanBeCancelled) {
  ResourceConfig config = standard();
  config.deployments[0].latency = {Milliseconds{100}, Milliseconds{0}};
  resource = Resource(config, 1, 1.0);
  const std::string background = "/openai/v1/responses/" + id_of(create(R"(,"input":"hello","background":true)"));
  EXPECT_EQ(member(parsed(send("POST", background + "/cancel")), "status"), "cancelled");
  now += Milliseconds{1000};
  EXPECT_EQ(member(parsed(send("GET", background)), "status"), "cancelled");
  const std::string plain = "/openai/v1/responses/" + id_of(create(R"(,"input":"hello")"));
  EXPECT_EQ(send("POST", plain + "/cancel").status, 400);
  EXPECT_EQ(send("POST", "/openai/v1/responses/resp_none/cancel").status, 404);
}

TEST_F(ResponsesTest, NeedsAnInput) {
  EXPECT_EQ(create("").status, 400);
}

}  // namespace
}  // namespace spillway::lab
