#include "composing.hpp"

// Path and query as a backend gets them.
namespace spillway::forward {
namespace {

class Target : public Composing {};

const std::vector<std::string> upgrade = {"Connection: Upgrade", "Upgrade: websocket"};
constexpr char classic[] = "POST /openai/deployments/gpt-4o/chat/completions";

TEST_F(Target, GoesToAzureAsItIs) {
  for (const std::string target :
       {"POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "GET /openai/models?api-version=x",
        "POST /openai/v1/responses", "GET /openai/v1/responses/resp_1?include[]=a&stream=true", "GET /elsewhere?a"})
    EXPECT_EQ(line(target), target);
}

TEST_F(Target, OfThePlainSurfaceIsPutBelowOpenaiForAzure) {
  EXPECT_EQ(line("POST /v1/responses?x=1"), "POST /openai/v1/responses?x=1");
  EXPECT_EQ(line("POST /v1beta/responses"), "POST /v1beta/responses");
}

TEST_F(Target, OfEverySurfaceIsPlainForOpenai) {
  talk_openai();
  EXPECT_EQ(line(classic), "POST /v1/chat/completions");
  EXPECT_EQ(line("POST /openai/responses"), "POST /v1/responses");
  EXPECT_EQ(line("POST /openai/v1/responses"), "POST /v1/responses");
  EXPECT_EQ(line("POST /v1/responses"), "POST /v1/responses");
}

TEST_F(Target, StandsBehindThePrefixOfTheBackendsUrl) {
  backend_.url.path_prefix = "/team/a";
  EXPECT_EQ(line("POST /openai/v1/responses"), "POST /team/a/openai/v1/responses");
  talk_openai();
  EXPECT_EQ(line(classic), "POST /team/a/v1/chat/completions");
}

TEST_F(Target, IsRewrittenByTheRouteBeforeItIsTranslated) {
  route_.match.path = "/routing";
  route_.rewrite_path = "/openai";
  rename("gpt-4o-ptu");
  EXPECT_EQ(line("POST /routing/deployments/gpt-4o/chat/completions"),
            "POST /openai/deployments/gpt-4o-ptu/chat/completions");
  talk_openai();
  EXPECT_EQ(line("POST /routing/deployments/gpt-4o/chat/completions"), "POST /v1/chat/completions");
}

TEST_F(Target, HoldsIdsAsTheirBackendMadeThem) {
  original_.path = "/openai/v1/responses/resp_1/input_items";
  original_.query = "after=msg_1&api-key=client-key";
  EXPECT_EQ(line("GET /openai/v1/responses/resp_1_spw/input_items?after=msg_1_spw&api-key=client-key"),
            "GET /openai/v1/responses/resp_1/input_items?after=msg_1");
}

TEST_F(Target, NamesTheDeploymentAsTheBackendDoes) {
  rename("gpt 4o/ptu");
  EXPECT_EQ(line(classic), "POST /openai/deployments/gpt%204o%2Fptu/chat/completions");
  EXPECT_EQ(line("POST /openai/deployments/gpt%2D4o/embeddings?a=gpt-4o"),
            "POST /openai/deployments/gpt%204o%2Fptu/embeddings?a=gpt-4o");
}

TEST_F(Target, KeepsTheSpellingOfADeploymentThatIsNotRenamed) {
  EXPECT_EQ(line("POST /openai/deployments/gpt%2D4o/embeddings"), "POST /openai/deployments/gpt%2D4o/embeddings");
}

TEST_F(Target, GetsTheApiVersionOfTheBackendOnClassicPathsOnly) {
  backend_.api_version = "2025-01-01-preview";
  EXPECT_EQ(line(classic), std::string(classic) + "?api-version=2025-01-01-preview");
  EXPECT_EQ(line(std::string(classic) + "?a=1&API-Version=2023-05-15&b=2&api-version=x"),
            std::string(classic) + "?a=1&api-version=2025-01-01-preview&b=2");
  EXPECT_EQ(line("POST /openai/v1/responses?api-version=preview"), "POST /openai/v1/responses?api-version=preview");
  EXPECT_EQ(line("POST /v1/responses"), "POST /openai/v1/responses");
}

TEST_F(Target, HasNoApiVersionForOpenai) {
  talk_openai();
  backend_.api_version = "2025-01-01-preview";
  EXPECT_EQ(line(std::string(classic) + "?api-version=2024-10-21"), "POST /v1/chat/completions");
  EXPECT_EQ(line("POST /openai/v1/responses?api-version=preview&a=1"), "POST /v1/responses?a=1");
}

TEST_F(Target, LosesTheKeysInItsQuery) {
  EXPECT_EQ(line("GET /openai/v1/files?api-key=client-key&limit=2&Subscription-Key=client-key"),
            "GET /openai/v1/files?limit=2");
  EXPECT_EQ(line("GET /openai/v1/files?api%2Dkey=client-key"), "GET /openai/v1/files");
}

TEST_F(Target, OfAWebSocketNamesTheDeploymentInItsQuery) {
  original_.websocket = true;
  rename("rt ptu");
  EXPECT_EQ(line("GET /openai/realtime?api-version=x&deployment=rt", upgrade),
            "GET /openai/realtime?api-version=x&deployment=rt%20ptu");
  EXPECT_EQ(line("GET /openai/v1/realtime?model=rt&a=1", upgrade), "GET /openai/v1/realtime?model=rt%20ptu&a=1");
}

TEST_F(Target, OfAWebSocketThatNamesNoModelGetsNone) {
  original_.websocket = true;
  EXPECT_EQ(line("GET /openai/v1/realtime?model=&call_id=1", upgrade), "GET /openai/v1/realtime?model=&call_id=1");
  EXPECT_EQ(line("GET /openai/v1/realtime?call_id=1", upgrade), "GET /openai/v1/realtime?call_id=1");
}

TEST_F(Target, OfAWebSocketNamesTheModelForOpenai) {
  original_.websocket = true;
  talk_openai();
  EXPECT_EQ(line("GET /openai/realtime?api-version=x&deployment=rt", upgrade), "GET /v1/realtime?model=rt");
  rename("rt-ptu");
  EXPECT_EQ(line("GET /openai/realtime?deployment=rt&model=rt", upgrade), "GET /v1/realtime?model=rt-ptu");
}

// There `model` is a filter, or whatever the service makes of it.
TEST_F(Target, KeepsAModelInTheQueryOfOtherRequests) {
  constexpr std::string_view body = R"({"model":"m"})";
  for (const bool openai : {false, true}) {
    if (openai) talk_openai();
    const std::string base = openai ? "" : "/openai";
    rename("m-ptu");
    EXPECT_EQ(line("POST /openai/v1/evals?model=m&deployment=d&Model=x", {}, body),
              "POST " + base + "/v1/evals?model=m&deployment=d&Model=x");
    EXPECT_EQ(line("GET /openai/v1/chat/completions?model=m"), "GET " + base + "/v1/chat/completions?model=m");
  }
}

}  // namespace
}  // namespace spillway::forward
