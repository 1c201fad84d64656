#include "identity_fixture.hpp"

namespace spillway::lab {
namespace {

using namespace std::chrono_literals;

class TokenIssuerTest : public IdentityTest {
 protected:
  std::string issue() { return identity.issuer().issue({"c", "o", {"R"}}, audience, moment).token; }
  TokenFlaw checked(const std::string& token) { return flaw(token, audience); }
  void later(std::int64_t seconds) {
    moment.unix_seconds += seconds;
    moment.now += std::chrono::seconds(seconds);
  }

  static constexpr char audience[] = "https://cognitiveservices.azure.com";
};

TEST_F(TokenIssuerTest, WritesTheClaimsOfAzuresTokens) {
  const Json v1 = identity.issuer().claims({"c", "o", {"R"}}, audience, 1, 3600, moment);
  EXPECT_EQ(text_of(member(v1, "iss")), "https://sts.windows.net/" + identity.issuer().tenant() + "/");
  EXPECT_EQ(text_of(member(v1, "appid")), "c");
  EXPECT_EQ(text_of(member(v1, "oid")), "o");
  EXPECT_EQ(dump(member(v1, "roles")), R"(["R"])");
  EXPECT_EQ(number_of(member(v1, "exp"), 0), moment.unix_seconds + 3600);
  const Json v2 = identity.issuer().claims({"c", "o", {}}, audience, 2, 3600, moment);
  EXPECT_EQ(text_of(member(v2, "iss")), "http://127.0.0.1:4711/" + identity.issuer().tenant() + "/v2.0");
  EXPECT_EQ(text_of(member(v2, "azp")), "c");
  EXPECT_FALSE(v2.contains("appid"));
  EXPECT_FALSE(v2.contains("roles"));
  EXPECT_FALSE(v2.contains("scp"));
  const Json user = identity.issuer().claims({"c", "o", {}, {"A", "B"}}, audience, 2, 3600, moment);
  EXPECT_EQ(text_of(member(user, "scp")), "A B");
}

TEST_F(TokenIssuerTest, ATokenIsGoodUntilItExpires) {
  const std::string token = issue();
  EXPECT_EQ(checked(token), TokenFlaw::none);
  EXPECT_EQ(flaw(token, "https://vault.azure.net"), TokenFlaw::audience);
  later(3599);
  EXPECT_EQ(checked(token), TokenFlaw::none);
  later(1);
  EXPECT_EQ(checked(token), TokenFlaw::expired);
}

TEST_F(TokenIssuerTest, RevokingConcernsWhatWasGivenOutBefore) {
  const std::string before = issue();
  identity.issuer().revoke("another");
  EXPECT_EQ(checked(before), TokenFlaw::none);
  identity.issuer().revoke("c");
  EXPECT_EQ(checked(before), TokenFlaw::revoked);
  const std::string after = issue();
  EXPECT_EQ(checked(after), TokenFlaw::none) << "of the same second";
  identity.issuer().revoke("");
  EXPECT_EQ(checked(after), TokenFlaw::revoked);
}

TEST_F(TokenIssuerTest, KeysRollAndTheOldOnesLeaveAfterAWhile) {
  const std::string before = issue();
  identity.issuer().keys().roll(moment.now, 60s);
  const std::string after = issue();
  EXPECT_NE(read_jwt(before)->kid(), read_jwt(after)->kid());
  EXPECT_EQ(identity.issuer().keys().jwks(moment.now)["keys"].size(), 4U);
  EXPECT_EQ(checked(before), TokenFlaw::none);
  later(60);
  EXPECT_EQ(identity.issuer().keys().jwks(moment.now)["keys"].size(), 2U);
  EXPECT_EQ(checked(before), TokenFlaw::unknown_key);
  EXPECT_EQ(checked(after), TokenFlaw::none);
}

TEST_F(TokenIssuerTest, MintsEveryFlawThatIsAskedFor) {
  const auto minted = [&](const std::string& flaw) {
    return checked(token(R"({"audience":"https://cognitiveservices.azure.com")" +
                         (flaw.empty() ? "" : R"(,"flaw":")" + flaw + "\"") + "}"));
  };
  EXPECT_EQ(minted(""), TokenFlaw::none);
  EXPECT_EQ(minted("expired"), TokenFlaw::expired);
  EXPECT_EQ(minted("not_yet"), TokenFlaw::not_yet);
  EXPECT_EQ(minted("wrong_audience"), TokenFlaw::audience);
  EXPECT_EQ(minted("wrong_issuer"), TokenFlaw::issuer);
  EXPECT_EQ(minted("unknown_key"), TokenFlaw::unknown_key);
  EXPECT_EQ(minted("wrong_key"), TokenFlaw::signature);
  EXPECT_EQ(minted("tampered"), TokenFlaw::signature);
  EXPECT_EQ(minted("unsigned"), TokenFlaw::algorithm);
  EXPECT_EQ(minted("symmetric"), TokenFlaw::algorithm);
}

TEST_F(TokenIssuerTest, MintsClaimsAndHeadersAsTheyAreGiven) {
  const Answer answer = order("/identity/token", R"({"algorithm":"ES256","version":1,"client_id":"me","expires_in":-5,
      "claims":{"scp":"Chat.Use","oid":null},"header":{"kid":null}})");
  const auto jwt = read_jwt(text(answer, "access_token"));
  ASSERT_TRUE(jwt);
  EXPECT_EQ(jwt->algorithm(), "ES256");
  EXPECT_EQ(jwt->kid(), "");
  EXPECT_EQ(text_of(member(jwt->claims, "appid")), "me");
  EXPECT_EQ(text_of(member(jwt->claims, "scp")), "Chat.Use");
  EXPECT_EQ(text_of(member(jwt->claims, "aud")), "api://spillway");
  EXPECT_FALSE(jwt->claims.contains("oid"));
  EXPECT_EQ(number_of(member(jwt->claims, "exp"), 0), moment.unix_seconds - 5);
  EXPECT_EQ(dump(member(parsed(answer), "claims")), dump(jwt->claims));
}

TEST_F(TokenIssuerTest, MintSaysWhatIsWrongWithAnOrder) {
  const auto problem = [&](std::string_view body) {
    const Answer answer = order("/identity/token", body);
    EXPECT_EQ(answer.status, 400) << body;
    return text(answer, "error");
  };
  EXPECT_EQ(problem("[]"), "the body must be a JSON object");
  EXPECT_EQ(problem(R"({"algorithm":"PS256"})"), "algorithm is RS256 or ES256");
  EXPECT_EQ(problem(R"({"version":3})"), "version must be a whole number from 1 to 2");
  EXPECT_EQ(problem(R"({"flaw":"x"})").substr(0, 24), "flaw is one of expired, ");
  EXPECT_EQ(problem(R"({"scope":"x"})").substr(0, 20), "unknown key 'scope' ");
}

}  // namespace
}  // namespace spillway::lab
