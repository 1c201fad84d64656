#include "resource_fixture.hpp"

namespace spillway::lab {
namespace {

TEST_F(ResourceTest, TakesItsKeysAsApiKeyOrBearer) {
  EXPECT_EQ(send("POST", chat_path, hello, {{"api-key", "right-key"}}).status, 200);
  EXPECT_EQ(send("POST", chat_path, hello, {{"Api-Key", "second-key"}}).status, 200);
  EXPECT_EQ(send("POST", chat_path, hello, {{"Authorization", "Bearer right-key"}}).status, 200);
}

TEST_F(ResourceTest, RefusesAWrongOrMissingKey) {
  for (const std::string_view value : {"wrong-key", "", "right-ke"}) {
    const Answer answer = send("POST", chat_path, hello, {{"api-key", value}});
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(error_code(answer), "401");
  }
  EXPECT_EQ(send("POST", chat_path, hello, {}).status, 401);
  EXPECT_EQ(send("POST", chat_path, hello, {{"authorization", "Basic right-key"}}).status, 401);
}

TEST_F(ResourceTest, PutsAzuresHeadersOnEveryAnswer) {
  for (const Answer& answer : {chat(hello), send("POST", chat_path, hello, {}), send("GET", "/nothing")}) {
    EXPECT_EQ(answer.field("x-ms-region"), "East US");
    EXPECT_EQ(answer.field("apim-request-id").size(), 36U);
    EXPECT_EQ(answer.field("x-request-id").size(), 36U);
    EXPECT_EQ(answer.field("x-ms-client-request-id"), answer.field("apim-request-id"));
  }
  EXPECT_EQ(chat(hello).field("x-ms-deployment-name"), "gpt-4o");
  EXPECT_NE(chat(hello).field("apim-request-id"), chat(hello).field("apim-request-id"));
}

TEST_F(ResourceTest, EchoesTheClientsRequestId) {
  const Answer answer = send("POST", chat_path, hello, {{"api-key", "right-key"}, {"x-ms-client-request-id", "mine"}});
  EXPECT_EQ(answer.field("x-ms-client-request-id"), "mine");
}

TEST_F(ResourceTest, AnswersAsAzureDoesWhenSomethingIsMissing) {
  const Answer deployment = send("POST", "/openai/deployments/other/chat/completions?api-version=2024-10-21", hello);
  EXPECT_EQ(deployment.status, 404);
  EXPECT_EQ(error_code(deployment), "DeploymentNotFound");

  const Answer path = send("POST", "/openai/nothing?api-version=2024-10-21", hello);
  EXPECT_EQ(path.status, 404);
  EXPECT_EQ(path.body(), R"({"error":{"code":"404","message":"Resource not found"}})");

  EXPECT_EQ(send("POST", "/openai/deployments/gpt-4o/chat/completions", hello).status, 404);

  const Answer dated = send("POST", "/openai/v1/chat/completions?api-version=2024-10-21", R"({"model":"gpt-4o"})");
  EXPECT_EQ(dated.status, 400);
  EXPECT_EQ(dated.body(), R"({"error":{"code":"BadRequest","message":"API version not supported"}})");

  EXPECT_EQ(chat("{not json").status, 400);
  EXPECT_EQ(v1("chat/completions", hello).status, 400) << "no model";
  EXPECT_EQ(error_code(v1("chat/completions", R"({"model":"other","messages":[]})")), "DeploymentNotFound");
  EXPECT_EQ(error_code(v1("embeddings", R"({"model":"gpt-4o","input":"x"})")), "OperationNotSupported");
}

TEST_F(ResourceTest, RefusesAPromptThatIsTooLong) {
  ResourceConfig config = standard();
  config.deployments[0].context_window = 10;
  resource = Resource(config, 1, 1.0);
  const std::string body = R"({"messages":[{"role":"user","content":")" + std::string(41, 'x') + R"("}]})";
  const Answer answer = chat(body);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(error_code(answer), "context_length_exceeded");
}

TEST_F(ResourceTest, ThrottlesPaygoWithTheNewTextAndItsHeaders) {
  ResourceConfig config = standard();
  config.deployments[0].paygo = {1000, 6};
  resource = Resource(config, 1, 1.0);
  const Answer taken = chat(hello);
  EXPECT_EQ(taken.status, 200);
  EXPECT_EQ(taken.field("x-ratelimit-limit-requests"), "6");
  EXPECT_EQ(taken.field("x-ratelimit-remaining-requests"), "5");
  EXPECT_EQ(taken.field("x-ratelimit-reset-requests"), "10");
  EXPECT_EQ(taken.field("x-ratelimit-limit-tokens"), "1000");
  EXPECT_EQ(taken.field("x-ratelimit-remaining-tokens"), "742");
  now += Milliseconds{1'500};
  const Answer refused = chat(hello);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(error_code(refused), "RateLimitReached");
  EXPECT_EQ(refused.field("retry-after"), "9");
  EXPECT_EQ(refused.field("retry-after-ms"), "8500");
  EXPECT_NE(refused.body().find("for gpt-4o in East US have exceeded the call rate limit"), std::string::npos);
  EXPECT_NE(refused.body().find("Please retry after 9 seconds."), std::string::npos);
}

TEST_F(ResourceTest, ThrottlesPaygoWithTheOldTextWhenTold) {
  ResourceConfig config = standard();
  config.deployments[0].paygo = {100, std::nullopt};
  config.rate_limit_text = RateLimitText::old_text;
  resource = Resource(config, 1, 1.0);
  const Answer refused = chat(hello);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(error_code(refused), "429");
  EXPECT_NE(
      refused.body().find("Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 "
                          "have exceeded token rate limit"),
      std::string::npos);
}

TEST_F(ResourceTest, LimitsHoldForEachDeploymentAlone) {
  ResourceConfig config = standard();
  config.deployments[0].paygo = {std::nullopt, 1};
  resource = Resource(config, 1, 1.0);
  EXPECT_EQ(chat(hello).status, 200);
  EXPECT_EQ(chat(hello).status, 429);
  EXPECT_EQ(v1("embeddings", R"({"model":"text-embedding-3-small","input":"x"})").status, 200);
}

TEST_F(ResourceTest, AProvisionedDeploymentShowsItsUtilisationAndNoRateLimits) {
  ResourceConfig config = standard(Kind::ptu);
  config.deployments[0].ptu = {60'000, Milliseconds{10'000}};
  resource = Resource(config, 1, 1.0);
  const Answer first = chat(R"({"messages":[{"role":"user","content":"hello"}],"max_tokens":9998})");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.field("azure-openai-deployment-utilization"), "100.0%");
  EXPECT_EQ(first.field("x-ratelimit-limit-tokens"), "");
  EXPECT_EQ(chat(hello).status, 200) << "100 % is not past it";
  const Answer refused = chat(hello);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(error_code(refused), "429");
  EXPECT_EQ(refused.field("retry-after-ms"), "258");
  EXPECT_EQ(refused.field("retry-after"), "1");
  now += Milliseconds{258};
  EXPECT_EQ(chat(hello).status, 200);
}

TEST_F(ResourceTest, AFinishedAnswerCorrectsTheUtilisation) {
  ResourceConfig config = standard(Kind::ptu);
  config.deployments[0].ptu = {60'000, Milliseconds{10'000}};
  resource = Resource(config, 1, 1.0);
  const Answer answer = chat(R"({"messages":[{"role":"user","content":"hello"}],"max_tokens":4998})");
  EXPECT_EQ(answer.field("azure-openai-deployment-utilization"), "50.0%");
  resource.finished(answer, now);
  // 2 tokens of prompt, `You`, ` said:`, ` hello`.
  EXPECT_EQ(member(member(member(resource.report(now), "deployments"), "gpt-4o"), "utilization"), "0.0%");
  EXPECT_EQ(chat(R"({"messages":[{"role":"user","content":"hello"}],"max_tokens":4998})")
                .field("azure-openai-deployment-utilization"),
            "50.0%");
}

TEST_F(ResourceTest, AFaultOfADeploymentLeavesItsSiblingsAlone) {
  Fault fault;
  fault.status = 503;
  fault.retry_after = Milliseconds{500};
  resource.faults().set("gpt-4o", fault);
  const Answer answer = chat(hello);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("retry-after-ms"), "500");
  EXPECT_EQ(answer.field("x-ms-region"), "East US");
  EXPECT_EQ(v1("embeddings", R"({"model":"text-embedding-3-small","input":"x"})").status, 200);
  EXPECT_EQ(v1("chat/completions", R"({"model":"gpt-4o","messages":[{"role":"user","content":"x"}]})").status, 503);
}

TEST_F(ResourceTest, AWrongKeyIsRefusedEvenDuringAnOutage) {
  resource.faults().set("", Fault{});
  EXPECT_EQ(send("POST", chat_path, hello, {{"api-key", "wrong"}}).status, 401);
}

TEST_F(ResourceTest, TransportFaultsSendNothing) {
  Fault fault;
  fault.kind = FaultKind::reset;
  resource.faults().set("", fault);
  EXPECT_EQ(chat(hello).ending, Ending::reset);
  fault.kind = FaultKind::stall;
  resource.faults().set("", fault);
  EXPECT_EQ(chat(hello).ending, Ending::stall);
  fault.kind = FaultKind::refuse;
  resource.faults().set("", fault);
  EXPECT_EQ(chat(hello).ending, Ending::reset) << "on a connection that was open before";
}

TEST_F(ResourceTest, CountsByDeploymentAndOutcome) {
  chat(hello);
  chat(hello);
  send("POST", chat_path, hello, {});
  Fault fault;
  fault.kind = FaultKind::reset;
  resource.faults().set("", fault);
  chat(hello);
  EXPECT_EQ(dump(member(resource.report(now), "requests")), R"({"-":{"401":1},"gpt-4o":{"200":2,"reset":1}})");
  EXPECT_EQ(resource.count("200"), 2U);
  resource.reset();
  EXPECT_EQ(dump(member(resource.report(now), "requests")), "{}");
  EXPECT_TRUE(resource.faults().in_force().empty());
}

TEST_F(ResourceTest, ListsItsDeploymentsAsModels) {
  const Json list = parsed(send("GET", "/openai/v1/models"));
  ASSERT_EQ(member(list, "data").size(), 5U);
  EXPECT_EQ(member(member(list, "data").front(), "id"), "gpt-4o");
  EXPECT_EQ(send("GET", "/openai/models/gpt-4o?api-version=2024-10-21").status, 200);
  EXPECT_EQ(send("GET", "/openai/models/none?api-version=2024-10-21").status, 404);
}

TEST_F(ResourceTest, SpeedDividesEveryLatency) {
  ResourceConfig config = standard();
  config.deployments[0].latency = {Milliseconds{100}, Milliseconds{10}};
  resource = Resource(config, 1, 2.0);
  EXPECT_EQ(chat(hello).delay, Milliseconds{50 + 3 * 5});
  const Answer stream = chat(R"({"messages":[{"role":"user","content":"hello"}],"stream":true})");
  EXPECT_EQ(stream.delay, Milliseconds{50});
  EXPECT_EQ(stream.pieces[2].pause, Milliseconds{5});
}

}  // namespace
}  // namespace spillway::lab
