#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using test::grant;
using test::TokensTest;
using testing::HasSubstr;

TEST_F(TokensTest, AreFetchedAtOnce) {
  issuer_.always_reply(200, {}, grant("t-1"));
  const auto credential = this->credential(application());
  EXPECT_EQ(shown(*credential), "none");
  EXPECT_FALSE(*credential->usable());
  wait_for(*credential, "t-1");
  EXPECT_TRUE(*credential->usable());
  EXPECT_EQ(gained_, 1);
  EXPECT_EQ(issuer_.request_count(), 1U);
  EXPECT_EQ(issuer_.last_request().target(), "/tenant/oauth2/v2.0/token");
  EXPECT_THAT(issuer_.last_request().body, HasSubstr("client_secret=s3cret"));
}

TEST_F(TokensTest, AreSharedByAllBackendsOfAnIdentity) {
  issuer_.always_reply(200, {}, grant("t-1"));
  config::ClientSecret other = application();
  other.resource = "https://ai.azure.com";
  const Credentials all = tokens().credentials(with({application(), application(), other}));
  EXPECT_EQ(all[0], all[1]);
  EXPECT_NE(all[0], all[2]);
  wait_for(*all[0], "t-1");
  wait_for(*all[2], "t-1");
  EXPECT_EQ(issuer_.request_count(), 2U);
}

TEST_F(TokensTest, AreNotMadeForBackendsWithoutAnIdentity) {
  config::Config config = with({application()});
  config.backends.emplace_back();
  const Credentials all = tokens().credentials(config);
  EXPECT_NE(all[0], nullptr);
  EXPECT_EQ(all[1], nullptr);
}

TEST_F(TokensTest, AreReplacedAtHalfTheirLife) {
  issuer_.then_reply(200, {}, grant("t-1", 1)).then_reply(200, {}, grant("t-2", 3600));
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  wait_for(*credential, "t-2");
  EXPECT_EQ(gained_, 1) << "there always was one";
}

TEST_F(TokensTest, AreServedThroughAnOutageOfTheIssuer) {
  issuer_.then_reply(200, {}, grant("t-1", 3600, R"(,"refresh_in":1)"));
  for (int i = 0; i < 5; ++i) issuer_.then_reply(503);
  issuer_.then_reply(200, {}, "not JSON").then([](auto& turn) { turn.reset(); });
  issuer_.then_reply(200, {}, grant("t-2"));
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  run_until([&] {
    EXPECT_NE(shown(*credential), "none");
    return shown(*credential) == "t-2";
  });
  EXPECT_EQ(issuer_.request_count(), 9U);
  EXPECT_EQ(gained_, 1);
}

TEST_F(TokensTest, AreNotServedOnceTheyAreOver) {
  options_.timing.skew = Milliseconds(1000);
  issuer_.then_reply(200, {}, grant("t-1", 1)).always_reply(500);
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  wait_for(*credential, "none");
  EXPECT_FALSE(*credential->usable());
  issuer_.always_reply(200, {}, grant("t-2"));
  wait_for(*credential, "t-2");
  EXPECT_EQ(gained_, 2);
}

TEST_F(TokensTest, AreAskedForAgainAfterEveryKindOfFailure) {
  for (const int status : {400, 401, 404, 410, 429, 500, 503}) issuer_.then_reply(status, {}, R"({"error":"no"})");
  issuer_.then([](auto& turn) { turn.reset(); }).then_reply(200, {}, "{}").then_reply(200, {}, grant("t-1"));
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  EXPECT_EQ(issuer_.request_count(), 10U);
}

TEST_F(TokensTest, AreDroppedByARefusalAndFetchedOnce) {
  issuer_.then_reply(200, {}, grant("t-1")).then_reply(200, {}, grant("t-2"));
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  const TokenPtr first = credential->token();
  const TimePoint now = loop_.now();
  EXPECT_TRUE(credential->refuse(first, now));
  EXPECT_EQ(shown(*credential), "none");
  EXPECT_FALSE(*credential->usable());
  // Others that were sent with it have nothing more to drop.
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(credential->refuse(first, now));
  wait_for(*credential, "t-2");
  EXPECT_TRUE(credential->refuse(first, now)) << "a newer one is there";
  EXPECT_EQ(shown(*credential), "t-2");
  EXPECT_EQ(issuer_.request_count(), 2U);
}

TEST_F(TokensTest, AreNotAtFaultWhenEveryOneIsRefused) {
  issuer_.then_reply(200, {}, grant("t-1")).then_reply(200, {}, grant("t-2"));
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  const TimePoint now = loop_.now();
  EXPECT_TRUE(credential->refuse(credential->token(), now));
  wait_for(*credential, "t-2");
  EXPECT_FALSE(credential->refuse(credential->token(), now + 29s));
  EXPECT_EQ(shown(*credential), "t-2");
  EXPECT_TRUE(credential->refuse(credential->token(), now + 31s));
}

TEST_F(TokensTest, AreTriedAgainAfterARefusalWhoseFetchFails) {
  issuer_.then_reply(200, {}, grant("t-1")).then_reply(503).then_reply(503).then_reply(200, {}, grant("t-2"));
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  EXPECT_TRUE(credential->refuse(credential->token(), loop_.now()));
  wait_for(*credential, "t-2");
  EXPECT_EQ(gained_, 2);
}

TEST_F(TokensTest, WakeWhoeverWaitsForOne) {
  issuer_.always_reply(200, {}, grant("t-1"));
  const auto credential = this->credential(application());
  net::Suspension suspension(loop_);
  const net::RemoteWake remote(loop_, suspension);
  credential->wake_on_token(remote.line());
  const auto waits = [](net::Suspension& on, const Credential& of) -> net::awaitable<void> {
    const ErrorCode error = co_await on.until(no_deadline);
    EXPECT_FALSE(error);
    EXPECT_EQ(shown(of), "t-1");
  };
  run(waits(suspension, *credential));
}

TEST_F(TokensTest, SurviveAReloadOfTheSameIdentity) {
  issuer_.always_reply(200, {}, grant("t-1"));
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  EXPECT_EQ(this->credential(application()), credential);
  EXPECT_EQ(issuer_.request_count(), 1U);
}

TEST_F(TokensTest, ServeUntilARotatedSecretHasOneOfItsOwn) {
  issuer_.then_reply(200, {}, grant("t-1")).then_reply(200, {}, grant("t-2"));
  const auto before = credential(application("old"));
  wait_for(*before, "t-1");
  const auto after = credential(application("new"));
  tokens().retain(with({application("new")}));
  EXPECT_NE(after, before);
  EXPECT_EQ(shown(*after), "t-1");
  wait_for(*after, "t-2");
  EXPECT_THAT(issuer_.last_request().body, HasSubstr("client_secret=new"));
}

TEST_F(TokensTest, AreNotKeptFreshOnceNobodyUsesThem) {
  issuer_.always_reply(200, {}, grant("t-1"));
  const auto credential = this->credential(application());
  wait_for(*credential, "t-1");
  tokens().retain(with({}));
  settle();
  EXPECT_EQ(shown(*credential), "t-1") << "a request that is under way may still use it";
  EXPECT_FALSE(credential->refuse(credential->token(), loop_.now())) << "there is no new one to wait for";
}

TEST_F(TokensTest, StopAtOnceWhateverIsUnderWay) {
  issuer_.always([](auto& turn) { turn.wait_for_close(); });
  const auto credential = this->credential(application());
  run_until([&] { return issuer_.request_count() == 1; });
  bool stopped = false;
  tokens().stop([&] { stopped = true; });
  run_until([&] { return stopped; });
}

TEST_F(TokensTest, StopWithoutAnyIdentityToo) {
  bool stopped = false;
  tokens().stop([&] { stopped = true; });
  run_until([&] { return stopped; });
}

TEST_F(TokensTest, OfImdsComeWithItsStringsAndBackOff) {
  environment_["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = issuer_.url();
  issuer_.then_reply(404).then_reply(410).then_reply(429, {{"Retry-After", "1"}}).then_reply(500);
  issuer_.always_reply(200, {},
                       R"({"access_token":"t-1","client_id":"c","expires_in":"86399","expires_on":"4102444800",)"
                       R"("ext_expires_in":"86399","not_before":"1","resource":"r","token_type":"Bearer"})");
  const auto credential = this->credential(config::ManagedIdentity());
  wait_for(*credential, "t-1");
  EXPECT_EQ(issuer_.request_count(), 5U);
  EXPECT_EQ(issuer_.last_request().header("Metadata"), "true");
  EXPECT_THAT(issuer_.last_request().target(), testing::StartsWith("/metadata/identity/oauth2/token?"));
}

TEST_F(TokensTest, OfArcComeAfterItsChallenge) {
  const spillway::test::TemporaryFolder folder;
  const std::string key = folder.write("1.key", "k3y");
  options_.arc_keys = folder.path();
  environment_["IDENTITY_ENDPOINT"] = issuer_.url() + "/metadata/identity/oauth2/token";
  environment_["IMDS_ENDPOINT"] = issuer_.url();
  issuer_.then_reply(401, {{"WWW-Authenticate", "Basic realm=" + key}}).then_reply(200, {}, grant("t-1"));
  const auto credential = this->credential(config::ManagedIdentity());
  wait_for(*credential, "t-1");
  EXPECT_EQ(issuer_.last_request().header("Authorization"), "Basic k3y");
}

TEST_F(TokensTest, OfAppServiceComeWithItsHeader) {
  environment_["IDENTITY_ENDPOINT"] = issuer_.url() + "/msi/token";
  environment_["IDENTITY_HEADER"] = "h3ader";
  issuer_.always_reply(200, {}, R"({"access_token":"t-1","expires_on":"4102444800","token_type":"Bearer"})");
  const auto credential = this->credential(config::ManagedIdentity());
  wait_for(*credential, "t-1");
  EXPECT_EQ(issuer_.last_request().header("X-IDENTITY-HEADER"), "h3ader");
}

}  // namespace
}  // namespace spillway::identity
