#include <gtest/gtest.h>

#include <map>

#include "checks.hpp"
#include "object_backend.hpp"
#include "test_gateway.hpp"

// Ids that backends make lead back to them.
namespace spillway::test {
namespace {

using nlohmann::json;

std::string yaml(const std::vector<std::string>& urls, const std::string& more = "") {
  return clients_yaml() + backends_yaml(urls) + pool_yaml(std::string("abc").substr(0, urls.size()), more);
}

std::string post_bytes(const std::string& path, const json& body) {
  return request("POST", path, {{"api-key", "test-key"}, {"Content-Type", "application/json"}}, body.dump());
}
Message post(const TestGateway& gateway, const std::string& path, const json& body) {
  return gateway.call(post_bytes(path, body));
}
Message ask(const TestGateway& gateway, const std::string& method, const std::string& path) {
  return gateway.call(request(method, path, {{"api-key", "test-key"}}));
}
std::string id_of(const Message& answer) {
  return json_of(answer).value("id", "");
}
std::string backend_of(const Message& answer) {
  return answer.header("x-routed-backend").value_or("");
}

constexpr char responses[] = "/openai/v1/responses";
const json hello = {{"model", "gpt-4o"}, {"input", "Hi"}};

TEST(ObjectIds, AnIdInAPathLeadsToTheBackendThatMadeIt) {
  ObjectBackend a('a'), b('b'), c('c');
  const TestGateway gateway(yaml({a.url(), b.url(), c.url()}));
  for (int i = 0; i < 6; ++i) {
    const Message made = post(gateway, responses, hello);
    const std::string id = id_of(made);
    for (const auto& [method, rest] : std::vector<std::pair<std::string, std::string>>{
             {"GET", ""}, {"GET", "/input_items?limit=2"}, {"POST", "/cancel"}, {"DELETE", ""}}) {
      const Message answer = ask(gateway, method, responses + ("/" + id) + rest);
      EXPECT_EQ(answer.status(), 200) << method << rest;
      EXPECT_EQ(backend_of(answer), backend_of(made));
      EXPECT_EQ(id_of(answer), id) << "the client sees one and the same id";
    }
  }
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids() + c.foreign_ids(), 0);
}

TEST(ObjectIds, TheBackendSeesItsOwnIdsOnly) {
  ObjectBackend a('a');
  const TestGateway gateway(yaml({a.url()}));
  const std::string id = id_of(post(gateway, responses, hello));
  EXPECT_TRUE(id.starts_with("resp_a1_spw")) << id;
  ask(gateway, "GET", responses + ("/" + id) + "?stream=true&starting_after=3");
  EXPECT_EQ(a.fake().last_request().target(), "/openai/v1/responses/resp_a1?stream=true&starting_after=3");
  ask(gateway, "GET", std::string(responses) + "?after=" + id + "&limit=1");
  EXPECT_EQ(a.fake().last_request().target(), "/openai/v1/responses?after=resp_a1&limit=1");
  const std::string body = "{ \"model\":\"gpt-4o\", \"previous_response_id\" : \"" + id + "\",\"n\":1.50 }";
  gateway.call(request("POST", responses, {{"api-key", "test-key"}}, body));
  EXPECT_EQ(a.fake().last_request().body,
            "{ \"model\":\"gpt-4o\", \"previous_response_id\" : \"resp_a1\",\"n\":1.50 }");
}

TEST(ObjectIds, ThoseInBodiesLeadThereToo) {
  ObjectBackend a('a'), b('b'), c('c');
  const TestGateway gateway(yaml({a.url(), b.url(), c.url()}));
  const std::vector<std::pair<std::string, std::string>> made_by = {{"/openai/v1/responses", "previous_response_id"},
                                                                    {"/openai/v1/conversations", "conversation"},
                                                                    {"/openai/v1/files", "input_file_id"},
                                                                    {"/openai/v1/files", "file_ids"},
                                                                    {"/openai/v1/vector_stores", "vector_store_ids"},
                                                                    {"/openai/v1/conversations", "conversation.id"}};
  for (const auto& [path, key] : made_by) {
    for (int i = 0; i < 4; ++i) {
      const Message made = post(gateway, path, hello);
      const std::string id = id_of(made);
      json body = hello;
      if (key == "conversation.id")
        body["conversation"]["id"] = id;
      else if (key.ends_with("ids"))
        body[key] = json::array({id});
      else
        body[key] = id;
      const Message answer = post(gateway, responses, body);
      EXPECT_EQ(answer.status(), 200) << key << answer.body;
      EXPECT_EQ(backend_of(answer), backend_of(made)) << key;
    }
  }
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids() + c.foreign_ids(), 0);
}

TEST(ObjectIds, OfAStreamedAnswerLeadBack) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(yaml({a.url(), b.url()}));
  json streamed = hello;
  streamed["stream"] = true;
  for (int i = 0; i < 4; ++i) {
    const Message made = post(gateway, responses, streamed);
    EXPECT_TRUE(made.complete);
    const std::size_t at = made.body.find("\"id\":\"resp_");
    ASSERT_NE(at, std::string::npos) << made.body;
    const std::string id = made.body.substr(at + 6, made.body.find('"', at + 6) - at - 6);
    EXPECT_NE(made.body.find(id, at + 10), std::string::npos) << "created and completed name the same id";
    EXPECT_NE(made.body.find("\"item_id\":\"msg_1\""), std::string::npos);
    const Message next = post(gateway, responses, {{"model", "gpt-4o"}, {"previous_response_id", id}});
    EXPECT_EQ(next.status(), 200);
    EXPECT_EQ(backend_of(next), backend_of(made));
    EXPECT_EQ(json_of(next).value("previous_response_id", ""), id);
  }
}

TEST(ObjectIds, HoldOverARestartAndOnAnotherGatewayWithBackendsInAnotherOrder) {
  ObjectBackend a('a'), b('b');
  std::string id;
  {
    const TestGateway first(yaml({a.url(), b.url()}));
    id = id_of(post(first, responses, hello));
  }
  const std::string swapped = clients_yaml() + "backends:\n  - {name: b, url: \"" + b.url() +
                              "\"}\n  - {name: a, url: \"" + a.url() + "\"}\n" +
                              pool_yaml("{backend: b}, {backend: a}");
  const TestGateway second(swapped);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ask(second, "GET", responses + ("/" + id)).status(), 200);
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids(), 0);
}

TEST(ObjectIds, ListsNameObjectsThatCanBeAskedFor) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(yaml({a.url(), b.url()}));
  for (int i = 0; i < 4; ++i) post(gateway, "/openai/v1/files", {{"purpose", "batch"}});
  for (int i = 0; i < 2; ++i) {
    const Message list = ask(gateway, "GET", "/openai/v1/files");
    const json listed = json_of(list);
    EXPECT_FALSE(listed["data"].empty());
    for (const json& file : listed["data"]) {
      const Message answer = ask(gateway, "GET", "/openai/v1/files/" + file["id"].get<std::string>() + "/content");
      EXPECT_EQ(answer.status(), 200);
      EXPECT_EQ(backend_of(answer), backend_of(list));
    }
  }
}

TEST(ObjectIds, WhatTheClientWroteStaysAsItIs) {
  ObjectBackend a('a');
  const TestGateway gateway(yaml({a.url()}));
  json body = hello;
  body["metadata"] = {{"file_id", "file-mine"}, {"id", "resp_mine"}};
  EXPECT_EQ(json_of(post(gateway, responses, body))["metadata"], body["metadata"]);
}

TEST(ObjectIds, OfAStatelessSurfaceAreNotTouched) {
  ObjectBackend a('a');
  const TestGateway gateway(yaml({a.url()}));
  EXPECT_EQ(gateway.chat().body, "{\"id\":\"chatcmpl-1\"}");
  EXPECT_EQ(gateway.chat().header("content-length"), "19");
}

TEST(ObjectIds, AShortAnswerTellsItsLengthAndALongOneComesInChunks) {
  ObjectBackend a('a');
  const TestGateway gateway(yaml({a.url()}));
  const Message brief = post(gateway, responses, hello);
  EXPECT_EQ(brief.header("content-length"), std::to_string(brief.body.size()));
  a.fake().then_reply(200, {{"Content-Type", "application/json"}},
                      "{\"id\":\"resp_long\",\"text\":\"" + std::string(200'000, 'x') + "\"}");
  const Message longer = post(gateway, responses, hello);
  EXPECT_TRUE(longer.complete);
  EXPECT_TRUE(longer.chunked);
  EXPECT_EQ(longer.body.size(), 200'000 + std::string("{\"id\":\"resp_long\",\"text\":\"\"}").size() + 20);
}

TEST(ObjectIds, AnAnswerThatBreaksIsNeverCompletedForTheClient) {
  ObjectBackend a('a');
  const TestGateway gateway(yaml({a.url()}));
  for (const char* length : {"100", "100000"}) {
    a.fake().then([length](FakeBackend::Turn& turn) {
      turn.socket().send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::string(length) +
                         "\r\n\r\n{\"id\":\"resp_1\"");
      turn.close();
    });
    EXPECT_FALSE(post(gateway, responses, hello).complete) << length;
  }
}

TEST(ObjectIds, AnAnswerWithIdsIsAskedForUncompressed) {
  ObjectBackend a('a');
  const TestGateway gateway(yaml({a.url()}));
  gateway.call(request("POST", responses, {{"api-key", "test-key"}, {"Accept-Encoding", "gzip, br"}}, hello.dump()));
  EXPECT_EQ(a.fake().last_request().header("accept-encoding"), "identity");
  EXPECT_EQ(a.fake().last_request().count("accept-encoding"), 1U);
  gateway.call(chat_request("gpt-4o", {{"Accept-Encoding", "gzip, br"}}));
  EXPECT_EQ(a.fake().last_request().header("accept-encoding"), "gzip, br");
}

TEST(ObjectIds, AnOwnerThatIsNotEligibleIs503WithTheWait) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(yaml({a.url(), b.url()}));
  const Message made = post(gateway, responses, hello);
  ObjectBackend& owner = backend_of(made) == "a" ? a : b;
  const std::string path = responses + ("/" + id_of(made));
  owner.fake().then_reply(429, retry_after_ms(60'000));
  const Message throttled = ask(gateway, "GET", path);
  EXPECT_EQ(throttled.status(), 429) << "an eligible owner's own answer is relayed";
  // Settled once the answer has gone out.
  ASSERT_TRUE(eventually([&] { return gateway.status().find("\"open\"") != std::string::npos; }));
  const Message waiting = ask(gateway, "GET", path);
  EXPECT_TRUE(is_gateway_error(waiting, 503, "owner_unavailable"));
  const int wait = std::stoi(waiting.header("retry-after-ms").value_or("0"));
  EXPECT_GT(wait, 0);
  EXPECT_LE(wait, 60'000);
  EXPECT_EQ(waiting.header("retry-after"), std::to_string((wait + 999) / 1000));
  EXPECT_EQ(post(gateway, responses, {{"model", "gpt-4o"}}).status(), 200) << "others go on";
}

TEST(ObjectIds, AnOwnerThatCannotBeReachedIs503) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(yaml({a.url(), b.url()}));
  const Message made = post(gateway, responses, hello);
  ObjectBackend& owner = backend_of(made) == "a" ? a : b;
  owner.fake().refuse_connections();
  owner.fake().close_idle();
  EXPECT_TRUE(is_gateway_error(ask(gateway, "GET", responses + ("/" + id_of(made))), 503, "owner_unavailable"));
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids(), 0);
}

TEST(ObjectIds, ADrainedOwnerIs503) {
  ObjectBackend a('a'), b('b');
  TestGateway gateway(yaml({a.url(), b.url()}));
  const Message made = post(gateway, responses, hello);
  const std::string drained = backend_of(made);
  const std::string other = drained == "a" ? "b" : "a";
  gateway.reload(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                 pool_yaml("{backend: " + drained + ", weight: 0}, {backend: " + other + "}"));
  EXPECT_TRUE(is_gateway_error(ask(gateway, "GET", responses + ("/" + id_of(made))), 503, "owner_unavailable"));
}

TEST(ObjectIds, OneFromBeforeIsLookedForAtEveryMember) {
  ObjectBackend a('a'), b('b'), c('c');
  b.add("resp_old");
  const TestGateway gateway(yaml({a.url(), b.url(), c.url()}));
  for (int i = 0; i < 4; ++i) {
    const Message answer = ask(gateway, "GET", "/openai/responses/resp_old?api-version=2025-03-01-preview");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(backend_of(answer), "b");
    const std::string id = id_of(answer);
    EXPECT_TRUE(id.starts_with("resp_old_spw")) << "from now on it leads there";
    EXPECT_EQ(ask(gateway, "DELETE", "/openai/responses/" + id + "?api-version=2025-03-01-preview").status(), 200);
  }
}

TEST(ObjectIds, OneThatNobodyKnowsIsAnsweredByABackend) {
  ObjectBackend a('a'), b('b'), c('c');
  const TestGateway gateway(yaml({a.url(), b.url(), c.url()}));
  const Message answer = ask(gateway, "GET", "/openai/v1/responses/resp_nobody");
  EXPECT_EQ(answer.status(), 404);
  EXPECT_EQ(json_of(answer)["error"]["code"], "not_found");
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids() + c.foreign_ids(), 3) << "each was asked once";
}

TEST(ObjectIds, OneThatNobodyKnowsIsLookedForByReadingOnly) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(yaml({a.url(), b.url()}));
  EXPECT_EQ(ask(gateway, "DELETE", "/openai/v1/responses/resp_nobody").status(), 404);
  EXPECT_EQ(ask(gateway, "POST", "/openai/v1/responses/resp_nobody/cancel").status(), 404);
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids(), 2);
}

TEST(ObjectIds, AMemberThatCouldNotBeAskedMayKnowIt) {
  ObjectBackend a('a'), b('b');
  b.add("resp_old");
  b.fake().always_reply(503);
  const TestGateway gateway(yaml({a.url(), b.url()}));
  const Message answer = ask(gateway, "GET", "/openai/v1/responses/resp_old");
  EXPECT_TRUE(is_gateway_error(answer, 503, "no_backend_available")) << "a 404 would be wrong";
}

TEST(ObjectIds, AForgedMarkIsAnIdFromElsewhere) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(yaml({a.url(), b.url()}));
  const std::string id = id_of(post(gateway, responses, hello));
  std::string forged = id;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(ask(gateway, "GET", responses + ("/" + forged)).status(), 404);
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids(), 2);
}

TEST(ObjectIds, OfTwoBackendsInOneRequestAreRefused) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(yaml({a.url(), b.url()}));
  const std::string first = id_of(post(gateway, "/openai/v1/files", hello));
  const std::string second = id_of(post(gateway, "/openai/v1/files", hello));
  const Message answer = post(gateway, responses, {{"model", "gpt-4o"}, {"file_ids", {first, second}}});
  EXPECT_TRUE(is_gateway_error(answer, 400, "bad_request"));
}

TEST(ObjectIds, LeadToTheirPoolWhereRoutesNeedAModel) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(
      clients_yaml() + backends_yaml({a.url(), b.url()}) +
      "pools: [{name: pool-a, members: [{backend: a}]}, {name: pool-b, members: [{backend: b}]}]\n"
      "routes: [{name: gpt, match: {models: [\"gpt-*\"]}, pool: pool-a}, {name: o, match: {models: [\"o*\"]}, pool: "
      "pool-b}]\n");
  const std::string id = id_of(post(gateway, responses, {{"model", "o3"}}));
  const Message answer = ask(gateway, "GET", responses + ("/" + id));
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(backend_of(answer), "b");
  EXPECT_TRUE(is_gateway_error(ask(gateway, "GET", "/openai/v1/responses/resp_x"), 400, "model_required"));
}

TEST(ObjectIds, OfABackendOutsideOfThePoolReachNothing) {
  ObjectBackend a('a'), b('b');
  const TestGateway gateway(
      "clients: [{name: app, keys: [test-key], routes: [first]}, {name: other, keys: [other-key]}]\n" +
      backends_yaml({a.url(), b.url()}) +
      "pools: [{name: pool-a, members: [{backend: a}]}, {name: pool-b, members: [{backend: b}]}]\n"
      "routes: [{name: first, match: {path: /openai}, pool: pool-a}, {name: second, match: {path: /b}, "
      "rewrite_path: /openai, pool: pool-b}]\n");
  const Message made = gateway.call(request("POST", "/b/v1/responses", {{"api-key", "other-key"}}, hello.dump()));
  EXPECT_EQ(made.status(), 200);
  EXPECT_TRUE(is_gateway_error(ask(gateway, "GET", responses + ("/" + id_of(made))), 503, "owner_unavailable"));
  EXPECT_EQ(b.fake().request_count(), 1U);
}

TEST(ObjectIds, SwitchedOffPassEverythingByteForByte) {
  ObjectBackend a('a');
  const TestGateway gateway(yaml({a.url()}, "affinity: {response_ids: false}"));
  const Message made = post(gateway, responses, hello);
  EXPECT_EQ(id_of(made), "resp_a1");
  EXPECT_TRUE(made.header("content-length"));
  EXPECT_EQ(ask(gateway, "GET", "/openai/v1/responses/resp_a1").status(), 200);
}

// Ten thousand conversations over three resources, in turn, with the gateway restarted now and then.
TEST(ObjectIds, TenThousandConversationsOverRestartsNeverReachAStranger) {
  ObjectBackend a('a'), b('b'), c('c');
  const std::string configuration =
      clients_yaml() + backends_yaml({a.url(), b.url(), c.url()}) +
      pool_yaml("{backend: a, weight: 2}, {backend: b, weight: 1}, {backend: c, weight: 1}");
  constexpr int conversations = 10'000;
  constexpr int a_run = 1'000;
  std::map<std::string, int> begun;
  std::vector<std::string> newest;
  int wrong = 0;
  for (int run = 0; run < conversations / a_run; ++run) {
    const TestGateway gateway(configuration);
    RawClient client = gateway.client();
    for (int i = 0; i < a_run; ++i) {
      const Message made = client.call(post_bytes(responses, hello));
      ++begun[backend_of(made)];
      newest.push_back(id_of(made));
      // One that began here or before a restart goes on.
      std::string& id = newest[static_cast<std::size_t>(run * a_run + i) * 7919 % newest.size()];
      const Message next = client.call(post_bytes(responses, {{"model", "gpt-4o"}, {"previous_response_id", id}}));
      if (next.status() != 200) ++wrong;
      id = id_of(next);
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(a.foreign_ids() + b.foreign_ids() + c.foreign_ids(), 0);
  EXPECT_NEAR(begun["a"], conversations / 2, conversations / 50);
  EXPECT_NEAR(begun["b"], conversations / 4, conversations / 50);
  EXPECT_NEAR(begun["c"], conversations / 4, conversations / 50);
}

}  // namespace
}  // namespace spillway::test
