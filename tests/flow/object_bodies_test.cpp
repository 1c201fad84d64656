#include <gtest/gtest.h>

#include "bytes.hpp"
#include "checks.hpp"
#include "object_backend.hpp"
#include "test_gateway.hpp"

// Marked ids beside what else is changed in a request, and in the less common answers.
namespace spillway::test {
namespace {

using nlohmann::json;

constexpr char responses[] = "/openai/v1/responses";

Message ask(const TestGateway& gateway, const std::string& method, const std::string& target,
            const std::string& body = "") {
  return gateway.call(request(method, target, {{"api-key", "test-key"}, {"Content-Type", "application/json"}}, body));
}

std::string id_of(const Message& answer) {
  return json_of(answer).value("id", "");
}

TEST(ObjectBodies, AModelIsRenamedBesideAnId) {
  ObjectBackend a('a');
  for (const std::string settings : {"", ", api: openai"}) {
    const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                              "\", deployments: {gpt-4o: gpt-4o-ptu}" + settings + "}]\n" + pool_yaml("a"));
    const std::string id = id_of(ask(gateway, "POST", responses, R"({"model":"gpt-4o"})"));
    const std::string own = id.substr(0, id.find("_spw"));
    for (const bool model_first : {true, false}) {
      const auto body = [&](const std::string& model, const std::string& previous) {
        const std::string named = R"("model" : ")" + model + "\"";
        const std::string follows = R"("previous_response_id":")" + previous + "\"";
        return model_first ? "{" + named + ", " + follows + ",\"n\":1.0}"
                           : "{" + follows + ", " + named + ",\"n\":1.0}";
      };
      EXPECT_EQ(ask(gateway, "POST", responses, body("gpt-4o", id)).status(), 200);
      const Message seen = a.fake().last_request();
      EXPECT_EQ(seen.body, body("gpt-4o-ptu", own));
      EXPECT_EQ(seen.header("content-length"), std::to_string(seen.body.size()));
    }
  }
}

TEST(ObjectBodies, AnIdIsRestoredAtTheBeginningOfABodyThatIsStreamed) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab") +
                            "limits: {replay_buffer: 64KiB}\n");
  for (int i = 0; i < 2; ++i) {
    const Message made = ask(gateway, "POST", responses, R"({"model":"gpt-4o"})");
    const std::string id = id_of(made);
    const std::string own = id.substr(0, id.find("_spw"));
    const std::string begun = R"({"model":"gpt-4o","previous_response_id":")";
    for (const std::size_t more : {std::size_t{1}, std::size_t{2}, std::size_t{40'000}, std::size_t{400'000}}) {
      std::string rest = R"(","input":")";
      rest.append((64 << 10) + more - begun.size() - id.size() - rest.size() - 2, 'x').append("\"}");
      const std::string body = begun + id + rest;
      ASSERT_EQ(body.size(), (64U << 10) + more);
      for (const bool chunks : {false, true}) {
        const std::string framed = chunks ? "Transfer-Encoding: chunked\r\n\r\n" + in_chunks(body, 30'000)
                                          : "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        const Message answer = gateway.call(
            "POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nContent-Type: application/json\r\n" +
            framed);
        EXPECT_EQ(answer.status(), 200) << more << chunks;
        EXPECT_EQ(answer.header("x-routed-backend"), made.header("x-routed-backend"));
        ObjectBackend& owner = made.header("x-routed-backend") == "a" ? a : b;
        EXPECT_TRUE(owner.fake().last_request().body == begun + own + rest) << more << chunks;
      }
    }
  }
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids(), 0);
}

TEST(ObjectBodies, OfAStreamedRunItsThreadLeadsBack) {
  ObjectBackend a('a');
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"));
  a.fake().then([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("event: thread.created\ndata: {\"id\":\"thread_1\",\"object\":\"thread\"}\n\n");
    turn.chunk("event: thread.run.created\ndata: {\"id\":\"run_1\",\"thread_id\":\"thr");
    turn.chunk("ead_1\",\"assistant_id\":\"asst_1\"}\n\nevent: thread.message.delta\n");
    turn.chunk("data: {\"id\":\"msg_1\",\"delta\":{\"content\":[]}}\n\nevent: done\ndata: [DONE]\n\n");
    turn.end_stream();
  });
  const Message answer = ask(gateway, "POST", "/openai/threads/runs?api-version=2024-05-01-preview",
                             R"({"assistant_id":"asst_1","stream":true})");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_TRUE(answer.complete);
  const std::size_t mark = answer.body.find("_spw");
  ASSERT_NE(mark, std::string::npos) << answer.body;
  const std::string thread = "thread_1" + answer.body.substr(mark, 20);
  EXPECT_NE(answer.body.find("{\"id\":\"" + thread + "\""), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("{\"id\":\"run_1\",\"thread_id\":\"" + thread + "\",\"assistant_id\":\"asst_1_spw"),
            std::string::npos)
      << answer.body;
  EXPECT_NE(answer.body.find("{\"id\":\"msg_1\",\"delta\""), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("event: done\ndata: [DONE]\n\n"), std::string::npos) << answer.body;
}

TEST(ObjectBodies, JsonIsKnownByItsTypeHoweverItIsWritten) {
  ObjectBackend a('a');
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a"));
  for (const char* type :
       {"application/json; charset=utf-8", "Application/JSON;charset=UTF-8", "application/json ;x=1"}) {
    a.fake().then_reply(200, {{"Content-Type", type}}, R"({"id":"resp_1"})");
    const Message answer = ask(gateway, "POST", responses, R"({"model":"gpt-4o"})");
    EXPECT_TRUE(id_of(answer).starts_with("resp_1_spw")) << type << answer.body;
    EXPECT_EQ(answer.header("content-length"), std::to_string(answer.body.size()));
  }
  for (const char* type : {"application/jsonl", "text/plain", "application/octet-stream"}) {
    a.fake().then_reply(200, {{"Content-Type", type}}, R"({"id":"resp_1"})");
    EXPECT_EQ(ask(gateway, "POST", responses, R"({"model":"gpt-4o"})").body, R"({"id":"resp_1"})") << type;
  }
}

TEST(ObjectBodies, AHeadOfAnObjectLeadsToItsBackend) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab"));
  for (int i = 0; i < 2; ++i) {
    const Message made = ask(gateway, "POST", responses, R"({"model":"gpt-4o"})");
    RawClient client = gateway.client();
    for (int again = 0; again < 2; ++again) {
      client.send(request("HEAD", responses + ("/" + id_of(made)), {{"api-key", "test-key"}}));
      const Message answer = client.receive(true);
      EXPECT_EQ(answer.status(), 200);
      EXPECT_TRUE(answer.complete);
      EXPECT_EQ(answer.body, "");
      EXPECT_EQ(answer.header("x-routed-backend"), made.header("x-routed-backend"));
    }
  }
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids(), 0);
}

}  // namespace
}  // namespace spillway::test
