#include <filesystem>
#include <fstream>
#include <sstream>

#include "identity_fixture.hpp"

namespace spillway::lab {
namespace {

constexpr char resource[] = "https://cognitiveservices.azure.com";

class ManagedIdentityTest : public IdentityTest {
 protected:
  static std::string imds(const std::string& more = "") {
    return "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com" +
           more;
  }
  static std::string app(const std::string& more = "") {
    return "/msi/token?api-version=2019-08-01&resource=" + std::string(resource) + more;
  }
  static std::string arc() {
    return "/metadata/identity/oauth2/token?api-version=2019-11-01&resource=" + std::string(resource);
  }
  Answer get(std::string_view service, const std::string& target, Fields fields) {
    return send(service, "GET", target, std::move(fields));
  }
  Answer ask(const std::string& target) { return get("imds", target, {{"Metadata", "true"}}); }
  static std::string client_of(const Answer& answer) { return text_of(member(claims(answer), "appid")); }
};

TEST_F(ManagedIdentityTest, ImdsAnswersWithNumbersAsTexts) {
  order("/identity/lifetime", R"({"expires_in":5,"refresh_in":2})");
  const Answer answer = ask(imds());
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(text(answer, "expires_in"), "5");
  EXPECT_EQ(text(answer, "expires_on"), "1800000005");
  EXPECT_EQ(text(answer, "refresh_in"), "2");
  EXPECT_EQ(text(answer, "resource"), resource);
  EXPECT_EQ(text(answer, "token_type"), "Bearer");
  EXPECT_EQ(text(answer, "client_id"), "system-client");
  EXPECT_EQ(flaw(text(answer, "access_token"), resource), TokenFlaw::none);
}

TEST_F(ManagedIdentityTest, ImdsTakesTheIdentityThatIsNamed) {
  EXPECT_EQ(client_of(ask(imds())), "system-client");
  EXPECT_EQ(client_of(ask(imds("&client_id=user-client"))), "user-client");
  EXPECT_EQ(client_of(ask(imds("&object_id=user-object"))), "user-client");
  EXPECT_EQ(client_of(ask(imds("&msi_res_id=/subscriptions/S/identities/user"))), "user-client");
  const Answer unknown = ask(imds("&client_id=nobody"));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(text(unknown, "error"), "invalid_request");
  EXPECT_EQ(text(unknown, "error_description"), "Identity not found");
}

TEST_F(ManagedIdentityTest, ImdsRefusesWhatARelayedRequestLooksLike) {
  EXPECT_EQ(get("imds", imds(), {}).status, 400);
  EXPECT_EQ(get("imds", imds(), {{"Metadata", "True"}}).status, 400);
  EXPECT_EQ(get("imds", imds(), {{"Metadata", "true"}, {"X-Forwarded-For", "1.2.3.4"}}).status, 400);
  EXPECT_EQ(ask("/metadata/identity/oauth2/token?resource=x").status, 400);
  EXPECT_EQ(ask("/metadata/identity/oauth2/token?api-version=2018-02-01").status, 400);
  EXPECT_EQ(ask("/metadata/instance").status, 404);
  EXPECT_EQ(send("imds", "POST", imds(), {{"Metadata", "true"}}).status, 405);
}

TEST_F(ManagedIdentityTest, WithSeveralUserAssignedOnesOneMustBeNamed) {
  IdentityConfig config = standard();
  config.managed_identities[0].system = false;
  TokenIssuer issuer(config.tokens, 1, made_once());
  const ManagedIdentities two(config.managed_identities, issuer);
  EXPECT_EQ(two.choose("", {"object_id", "msi_res_id"}).identity, nullptr);
  config.managed_identities.pop_back();
  EXPECT_NE(two.choose("", {"object_id", "msi_res_id"}).identity, nullptr);
}

TEST_F(ManagedIdentityTest, AppServiceWantsItsHeaderAndItsVersion) {
  const Fields header = {{"X-IDENTITY-HEADER", "app-service-header"}};
  const Answer answer = get("app_service", app(), header);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(text(answer, "expires_on"), "1800003600");
  EXPECT_FALSE(parsed(answer).contains("expires_in"));
  EXPECT_EQ(client_of(get("app_service", app("&principal_id=user-object"), header)), "user-client");
  EXPECT_EQ(client_of(get("app_service", app("&mi_res_id=/subscriptions/s/identities/user"), header)), "user-client");
  EXPECT_EQ(get("app_service", app("&client_id=nobody"), header).status, 400);
  EXPECT_EQ(get("app_service", app(), {}).status, 401);
  EXPECT_EQ(get("app_service", app(), {{"X-IDENTITY-HEADER", "wrong"}}).status, 401);
  EXPECT_EQ(get("app_service", "/msi/token?api-version=2017-09-01&resource=x", header).status, 400);
  EXPECT_EQ(get("app_service", "/msi/token?api-version=2019-08-01", header).status, 400);
}

TEST_F(ManagedIdentityTest, ArcWantsToSeeThatAFileCanBeRead) {
  const Answer challenge = get("arc", arc(), {{"Metadata", "true"}});
  EXPECT_EQ(challenge.status, 401);
  const std::string realm(challenge.field("WWW-Authenticate"));
  ASSERT_EQ(realm.substr(0, 12), "Basic realm=");
  const std::string file = realm.substr(12);
  EXPECT_EQ(std::filesystem::path(file).extension(), ".key");
  std::ifstream in(file);
  std::ostringstream key;
  key << in.rdbuf();
  const std::string right = "Basic " + key.str();
  const Answer answer = get("arc", arc(), {{"Metadata", "true"}, {"Authorization", right}});
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(text(answer, "expires_on"), "1800003600");
  EXPECT_EQ(get("arc", arc(), {{"Metadata", "true"}, {"Authorization", "Basic wrong"}}).status, 401);
  EXPECT_EQ(get("arc", arc(), {{"Authorization", right}}).status, 400);
  EXPECT_EQ(identity.find("arc")->count("challenge", "401"), 1U);
  EXPECT_EQ(identity.find("arc")->count("token", "200"), 1U);
}

TEST_F(ManagedIdentityTest, ArcKeepsTheNewestKeyFilesOnly) {
  const std::string first(get("arc", arc(), {{"Metadata", "true"}}).field("WWW-Authenticate"));
  for (int i = 0; i < 16; ++i) get("arc", arc(), {{"Metadata", "true"}});
  EXPECT_FALSE(std::filesystem::exists(first.substr(12)));
}

}  // namespace
}  // namespace spillway::lab
