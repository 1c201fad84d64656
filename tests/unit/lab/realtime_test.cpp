#include "lab/dialogue.hpp"
#include "resource_fixture.hpp"

namespace spillway::lab {
namespace {

class RealtimeTest : public ResourceTest {
 protected:
  using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

  static ResourceConfig with_realtime(Api api = Api::azure) {
    ResourceConfig config = standard();
    config.api = api;
    config.deployments[0].name = "gpt-realtime";
    config.deployments[0].model = "gpt-realtime";
    config.deployments[0].version.clear();
    config.deployments[1].name = config.deployments[1].model = "gpt-4o";
    return config;
  }
  RealtimeTest() : ResourceTest(with_realtime()) {}

  static Fields handshake(const Fields& more = {{"api-key", "right-key"}}) {
    Fields fields = {{"Connection", "keep-alive, Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
  }
  Answer connect(std::string_view target, const Fields& more = {{"api-key", "right-key"}}) {
    return send("GET", target, {}, handshake(more));
  }

  // The types of what is said to `text`; the last one is kept.
  std::vector<std::string> hear(const Answer& answer, std::string_view text) {
    std::vector<std::string> types;
    for (const Piece& piece : answer.dialogue->hear(text, {now, 0})) {
      last = parse_json(piece.bytes).value_or(Json());
      types.push_back(text_of(member(last, "type")));
    }
    return types;
  }

  static constexpr std::string_view preview = "/openai/realtime?api-version=2025-04-01-preview&deployment=gpt-realtime";
  static constexpr std::string_view v1 = "/openai/v1/realtime?model=gpt-realtime";
  Json last;
};

TEST_F(RealtimeTest, AHandshakeIsAnsweredWith101) {
  for (const std::string_view target : {preview, v1}) {
    const Answer answer = connect(target);
    ASSERT_EQ(answer.status, 101);
    EXPECT_EQ(answer.field("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(answer.field("upgrade"), "websocket");
    EXPECT_EQ(answer.field("sec-websocket-protocol"), "");
    EXPECT_EQ(answer.field("x-ms-region"), "East US");
  }
  EXPECT_EQ(resource.count("101"), 2U);
}

TEST_F(RealtimeTest, TheKeyMayStandInTheQueryButNotInASubprotocol) {
  EXPECT_EQ(connect(std::string(v1) + "&api-key=right-key", {}).status, 101);
  EXPECT_EQ(connect(v1, {{"Authorization", "Bearer right-key"}}).status, 101);
  EXPECT_EQ(connect(v1, {}).status, 401);
  const Answer browser = connect(v1, {{"Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.right-key"}});
  EXPECT_EQ(browser.status, 401);
  EXPECT_EQ(error_code(browser), "401");
  EXPECT_EQ(send("POST", "/openai/v1/chat/completions?api-key=right-key", hello, {}).status, 401) << "WebSockets only";
}

TEST_F(RealtimeTest, AnOpenaiResourceTakesTheBrowsersSubprotocol) {
  resource = Resource(with_realtime(Api::openai), 1, 1.0);
  const Answer answer = connect("/v1/realtime?model=gpt-realtime",
                                {{"Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.right-key"}});
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.field("sec-websocket-protocol"), "realtime");
  EXPECT_EQ(connect("/v1/realtime?model=gpt-realtime&api-key=right-key", {}).status, 401);
  EXPECT_EQ(connect("/openai/v1/realtime?model=gpt-realtime", {{"Authorization", "Bearer right-key"}}).status, 404);
}

TEST_F(RealtimeTest, ARefusedHandshakeIsPlainHttp) {
  EXPECT_EQ(connect("/openai/realtime?deployment=gpt-realtime").status, 404) << "no version";
  EXPECT_EQ(connect("/openai/v1/realtime").status, 400) << "no model";
  EXPECT_EQ(error_code(connect("/openai/v1/realtime?model=other")), "DeploymentNotFound");
  EXPECT_EQ(error_code(connect("/openai/v1/realtime?model=gpt-4o")), "OperationNotSupported");
  EXPECT_EQ(send("GET", v1).status, 426) << "no WebSocket";
  Fields old = handshake();
  old[2].second = "8";
  EXPECT_EQ(send("GET", v1, {}, old).status, 426);
  Fault fault;
  fault.status = 503;
  resource.faults().set("gpt-realtime", fault);
  EXPECT_EQ(connect(v1).status, 503);
}

TEST_F(RealtimeTest, LimitsCountHandshakes) {
  ResourceConfig config = with_realtime();
  config.deployments[0].paygo.requests_per_minute = 1;
  resource = Resource(config, 1, 1.0);
  EXPECT_EQ(connect(v1).status, 101);
  EXPECT_EQ(connect(v1).status, 429);
}

TEST_F(RealtimeTest, ASessionAnswersInOrder) {
  const Answer answer = connect(v1);
  const std::vector<Piece> opening = answer.dialogue->open();
  ASSERT_EQ(opening.size(), 1U);
  EXPECT_NE(opening[0].bytes.find(R"("type":"session.created")"), std::string::npos);

  EXPECT_EQ(hear(answer, R"({"type":"session.update","session":{"instructions":"short"}})"),
            std::vector<std::string>{"session.updated"});
  EXPECT_EQ(member(member(last, "session"), "instructions"), "short");
  EXPECT_EQ(hear(answer, R"({"type":"conversation.item.create","item":{"type":"message","role":"user",)"
                         R"("content":[{"type":"input_text","text":"hello"}]}})"),
            (std::vector<std::string>{"conversation.item.added", "conversation.item.done"}));
  const auto types = hear(answer, R"({"type":"response.create"})");
  ASSERT_GT(types.size(), 6U);
  EXPECT_EQ(types.front(), "response.created");
  EXPECT_EQ(std::count(types.begin(), types.end(), "response.output_text.delta"), 3);
  EXPECT_EQ(types[types.size() - 2], "response.done");
  EXPECT_EQ(types.back(), "rate_limits.updated");
}

TEST_F(RealtimeTest, ThePreviewHasItsOwnNamesAndTheEndHasUsage) {
  const Answer answer = connect(preview);
  EXPECT_EQ(hear(answer, R"({"type":"conversation.item.create","item":{"type":"message"}})"),
            std::vector<std::string>{"conversation.item.created"});
  const auto types = hear(answer, R"({"type":"response.create"})");
  EXPECT_GT(std::count(types.begin(), types.end(), "response.text.delta"), 0);
  const std::vector<Piece> again = answer.dialogue->hear(R"({"type":"response.create"})", {now, 0});
  const Json done = parse_json(again[again.size() - 2].bytes).value_or(Json());
  EXPECT_GT(number_of(member(member(member(done, "response"), "usage"), "output_tokens"), 0), 0);
}

TEST_F(RealtimeTest, AudioIsTakenSilentlyAndNonsenseIsAnError) {
  const Answer answer = connect(v1);
  EXPECT_TRUE(
      hear(answer, R"({"type":"input_audio_buffer.append","audio":")" + std::string(1 << 20, 'A') + "\"}").empty());
  EXPECT_EQ(hear(answer, R"({"type":"input_audio_buffer.commit"})"),
            std::vector<std::string>{"input_audio_buffer.committed"});
  EXPECT_EQ(hear(answer, R"({"type":"unheard.of","event_id":"mine"})"), std::vector<std::string>{"error"});
  EXPECT_EQ(member(member(last, "error"), "event_id"), "mine");
  EXPECT_EQ(hear(answer, "no json"), std::vector<std::string>{"error"});
  EXPECT_EQ(hear(answer, R"({"type":"session.update"})"), std::vector<std::string>{"error"});
}

TEST_F(RealtimeTest, ResponsesRunOverAWebSocketOneMessageEach) {
  const Answer answer = connect("/openai/v1/responses");
  ASSERT_EQ(answer.status, 101);
  EXPECT_TRUE(answer.dialogue->open().empty());
  const auto types = hear(answer, R"({"type":"response.create","model":"gpt-4o","input":"hello"})");
  EXPECT_EQ(types.front(), "response.created");
  EXPECT_EQ(types.back(), "response.completed");
  const std::string id = text_of(member(member(last, "response"), "id"));
  EXPECT_EQ(send("GET", "/openai/v1/responses/" + id).status, 200);
  EXPECT_EQ(hear(answer, R"({"type":"response.create","model":"gpt-4o","input":"x","previous_response_id":"resp_no"})"),
            std::vector<std::string>{"error"});
  EXPECT_EQ(member(last, "status"), 400);
  EXPECT_EQ(member(member(last, "error"), "code"), "previous_response_not_found");
  EXPECT_EQ(hear(answer, R"({"type":"session.update"})"), std::vector<std::string>{"error"});
  EXPECT_EQ(send("GET", "/openai/v1/responses").status, 404) << "no WebSocket";
}

}  // namespace
}  // namespace spillway::lab
