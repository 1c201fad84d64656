#include "identity_fixture.hpp"
#include "lab/resource.hpp"

namespace spillway::lab {
namespace {

class ResourceTokenTest : public IdentityTest {
 protected:
  static ResourceConfig taking_tokens() {
    ResourceConfig config;
    config.name = "east";
    config.region = "East US";
    config.tokens = true;
    config.deployments.resize(1);
    config.deployments[0].name = config.deployments[0].model = "gpt-4o";
    return config;
  }
  ResourceTokenTest() : resource(taking_tokens(), 1, 1.0) { resource.trust(identity.issuer()); }

  Answer ask(Fields fields) {
    Request request;
    request.method = "GET";
    request.path = "/openai/v1/models";
    request.fields = std::move(fields);
    return resource.respond(request, moment);
  }
  Answer with(const std::string& token) {
    const std::string authorization = "Bearer " + token;
    return ask({{"authorization", authorization}});
  }
  std::string minted(const std::string& more = "") {
    return token(R"({"audience":"https://cognitiveservices.azure.com","client_id":"me")" + more + "}");
  }
  static Json error(const Answer& answer) { return member(parsed(answer), "error"); }

  Resource resource;
};

TEST_F(ResourceTokenTest, TakesAGoodTokenOfEitherAudience) {
  EXPECT_EQ(with(minted()).status, 200);
  EXPECT_EQ(with(token(R"({"audience":"https://ai.azure.com"})")).status, 200);
}

TEST_F(ResourceTokenTest, RefusesFlawedTokensAndCountsWhy) {
  for (const char* flaw : {"expired", "wrong_audience", "wrong_issuer", "unknown_key", "tampered", "unsigned"}) {
    const Answer answer = with(minted(R"(,"flaw":")" + std::string(flaw) + "\""));
    EXPECT_EQ(answer.status, 401) << flaw;
    EXPECT_EQ(text_of(member(error(answer), "message")),
              "Unauthorized. Access token is missing, invalid, audience is incorrect "
              "(https://cognitiveservices.azure.com), or have expired.");
  }
  const Json report = resource.report(moment.now);
  EXPECT_EQ(dump(member(report, "tokens")),
            R"({"algorithm":1,"audience":1,"expired":1,"issuer":1,"signature":1,"unknown_key":1})");
}

TEST_F(ResourceTokenTest, ARevokedTokenIsRefusedAndANewOneTaken) {
  const std::string before = minted();
  order("/identity/revoke");
  EXPECT_EQ(with(before).status, 401);
  EXPECT_EQ(with(minted()).status, 200);
}

TEST_F(ResourceTokenTest, OnlyPrincipalsWithARoleMayCall) {
  ResourceConfig config = taking_tokens();
  config.principals = {"another"};
  resource = Resource(config, 1, 1.0);
  resource.trust(identity.issuer());
  const Answer answer = with(minted());
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(text_of(member(error(answer), "code")), "PermissionDenied");
  EXPECT_EQ(text_of(member(error(answer), "message")), "Principal does not have access to API/Operation.");
}

TEST_F(ResourceTokenTest, KeysAreTakenBesideTokens) {
  EXPECT_EQ(with("a-key").status, 401);
  ResourceConfig config = taking_tokens();
  config.keys = {"a-key"};
  resource = Resource(config, 1, 1.0);
  resource.trust(identity.issuer());
  EXPECT_EQ(with("a-key").status, 200);
  EXPECT_EQ(ask({{"api-key", "a-key"}}).status, 200);
  EXPECT_EQ(with(minted()).status, 200);
  config.tokens = false;
  resource = Resource(config, 1, 1.0);
  resource.trust(identity.issuer());
  EXPECT_EQ(with(minted()).status, 401);
}

}  // namespace
}  // namespace spillway::lab
