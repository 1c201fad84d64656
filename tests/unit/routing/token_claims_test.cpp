#include "routing/token_claims.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "token_fixture.hpp"

namespace spillway::routing {
namespace {

using test::json;

// `fits`, or the name of the refusal.
std::string_view outcome(const config::Entra& entra, const json& claims, WallTime now = test::now) {
  const auto refusal = check_claims(entra, claims, now);
  return refusal ? name(*refusal) : "fits";
}

json with(const json& changes) {
  json claims = test::claims();
  claims.merge_patch(changes);
  return claims;
}

std::string_view with_claims(const json& changes, const std::map<std::string, std::vector<std::string>>& required) {
  config::Entra entra = test::entra();
  entra.required_claims = required;
  return outcome(entra, with(changes));
}

WallTime at(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  return WallTime(std::chrono::seconds(seconds)) +
         std::chrono::duration_cast<WallTime::duration>(std::chrono::nanoseconds(nanoseconds));
}

TEST(Claims, FitWhenEverythingDoes) {
  EXPECT_EQ(outcome(test::entra(), test::claims()), "fits");
}

TEST(Claims, EndAMinuteAfterTheirTime) {
  const std::int64_t end = test::now_seconds + 3600;
  EXPECT_EQ(outcome(test::entra(), test::claims(), at(end + 59)), "fits");
  EXPECT_EQ(outcome(test::entra(), test::claims(), at(end + 59, 999'999'999)), "fits");
  EXPECT_EQ(outcome(test::entra(), test::claims(), at(end + 60)), "expired");
  EXPECT_EQ(outcome(test::entra(), with({{"exp", static_cast<double>(end) + 0.9}}), at(end + 60)), "expired");
}

TEST(Claims, BeginAMinuteBeforeTheirTime) {
  const std::int64_t begin = test::now_seconds;
  EXPECT_EQ(outcome(test::entra(), test::claims(), at(begin - 60)), "fits");
  EXPECT_EQ(outcome(test::entra(), test::claims(), at(begin - 61, 999'999'999)), "not_yet_valid");
  EXPECT_EQ(outcome(test::entra(), test::claims(), at(begin - 61)), "not_yet_valid");
  EXPECT_EQ(outcome(test::entra(), with({{"nbf", static_cast<double>(begin) + 0.1}}), at(begin - 60)), "not_yet_valid");
  EXPECT_EQ(outcome(test::entra(), with({{"nbf", nullptr}}), at(0)), "fits") << "without nbf";
}

TEST(Claims, NeedAnEndThatIsATime) {
  for (const json& exp : {json(nullptr), json("1800003600"), json(true), json::array({1800003600})})
    EXPECT_EQ(outcome(test::entra(), with({{"exp", exp}})), "malformed") << exp;
  for (const json& nbf : {json("1800000000"), json(false), json::object({{"a", 1}})})
    EXPECT_EQ(outcome(test::entra(), with({{"nbf", nbf}})), "malformed") << nbf;
}

TEST(Claims, MayHaveTimesFarAway) {
  for (const json& far : {json(253402300799), json(1e300), json(~std::uint64_t{0})}) {
    EXPECT_EQ(outcome(test::entra(), with({{"exp", far}})), "fits") << far;
    EXPECT_EQ(outcome(test::entra(), with({{"nbf", far}})), "not_yet_valid") << far;
  }
  for (const json& past : {json(0), json(-1), json(-1e300)}) {
    EXPECT_EQ(outcome(test::entra(), with({{"exp", past}})), "expired") << past;
    EXPECT_EQ(outcome(test::entra(), with({{"nbf", past}})), "fits") << past;
  }
}

TEST(Claims, AreForOneOfTheAudiences) {
  config::Entra entra = test::entra();
  entra.audiences = {"spillway", "api://other", "https://cognitiveservices.azure.com"};
  for (const char* audience :
       {"spillway", "api://spillway", "other", "api://other", "https://cognitiveservices.azure.com"})
    EXPECT_EQ(outcome(entra, with({{"aud", audience}})), "fits") << audience;
  for (const json& audience :
       {json("Spillway"), json("spillway/"), json("api://api://spillway"), json("spillway other"), json(""),
        json("api://"), json(nullptr), json::array({"spillway"}), json(7)})
    EXPECT_EQ(outcome(entra, with({{"aud", audience}})), "wrong_audience") << audience;
}

TEST(Claims, ComeFromOneOfTheApplications) {
  config::Entra entra = test::entra();
  entra.client_ids = {"bbbbbbbb-0000-4000-8000-00000000000b", test::application};
  EXPECT_EQ(outcome(entra, test::claims()), "fits");
  EXPECT_EQ(outcome(entra, with({{"azp", nullptr}, {"appid", test::application}})), "fits") << "version 1";
  EXPECT_EQ(outcome(entra, with({{"azp", "AAAAAAAA-0000-4000-8000-00000000000A"}})), "fits");
  EXPECT_EQ(outcome(entra, with({{"azp", nullptr}})), "wrong_application");
  EXPECT_EQ(outcome(entra, with({{"azp", 7}, {"appid", test::application}})), "wrong_application");
  EXPECT_EQ(outcome(entra, with({{"azp", test::other_tenant}, {"appid", test::application}})), "wrong_application");
  EXPECT_EQ(outcome(entra, with({{"azp", ""}})), "wrong_application");
}

TEST(Claims, HoldOneOfTheRoles) {
  const std::map<std::string, std::vector<std::string>> roles{{"roles", {"Chat.User", "Admin"}}};
  EXPECT_EQ(with_claims({{"roles", {"Reader", "Admin"}}}, roles), "fits");
  EXPECT_EQ(with_claims({{"roles", "Admin"}}, roles), "fits");
  for (const json& value :
       {json(nullptr), json::array(), json::array({"Reader"}), json::array({"admin"}), json("Chat.User Admin"),
        json::array({json::array({"Admin"})}), json{{"Admin", true}}, json(1)})
    EXPECT_EQ(with_claims({{"roles", value}}, roles), "missing_claim") << value;
}

TEST(Claims, HoldOneOfTheScopes) {
  const std::map<std::string, std::vector<std::string>> scopes{{"scp", {"chat", "embed"}}};
  for (const char* value : {"chat", "read embed", "chat read", " chat", "read  chat "})
    EXPECT_EQ(with_claims({{"scp", value}}, scopes), "fits") << value;
  for (const char* value : {"", " ", "chats", "Chat", "chat,embed", "read", "chat\tread"})
    EXPECT_EQ(with_claims({{"scp", value}}, scopes), "missing_claim") << value;
}

TEST(Claims, HaveEveryOtherClaimAsAsked) {
  EXPECT_EQ(with_claims({{"oid", "x"}, {"idtyp", "app"}}, {{"oid", {"y", "x"}}, {"idtyp", {"app"}}}), "fits");
  EXPECT_EQ(with_claims({{"oid", "x"}}, {{"oid", {"y", "x"}}, {"idtyp", {"app"}}}), "missing_claim");
  EXPECT_EQ(with_claims({{"groups", {"g1", "g2"}}}, {{"groups", {"g2"}}}), "fits");
  EXPECT_EQ(with_claims({{"level", 2}, {"ok", true}}, {{"level", {"2"}}, {"ok", {"true"}}}), "fits");
  EXPECT_EQ(with_claims({{"level", 2.5}}, {{"level", {"2.5"}}}), "missing_claim");
  EXPECT_EQ(with_claims({{"oid", "x y"}}, {{"oid", {"x"}}}), "missing_claim") << "only scp holds several in one text";
}

TEST(Claims, AreRefusedForTheFirstReason) {
  config::Entra entra = test::entra();
  entra.client_ids = {test::other_tenant};
  entra.required_claims = {{"roles", {"Admin"}}};
  const WallTime late = test::now + std::chrono::hours(2);
  EXPECT_EQ(outcome(entra, with({{"aud", "x"}}), late), "wrong_audience");
  EXPECT_EQ(outcome(entra, test::claims(), late), "expired");
  EXPECT_EQ(outcome(entra, test::claims()), "wrong_application");
  EXPECT_EQ(outcome(entra, with({{"azp", test::other_tenant}})), "missing_claim");
}

TEST(Issuers, AreThoseOfBothVersions) {
  EXPECT_THAT(issuers("https://login.microsoftonline.com", test::tenant),
              testing::ElementsAre("https://login.microsoftonline.com/" + test::tenant + "/v2.0",
                                   "https://sts.windows.net/" + test::tenant + "/"));
  EXPECT_THAT(issuers("https://login.microsoftonline.us", "t"),
              testing::ElementsAre("https://login.microsoftonline.us/t/v2.0", "https://sts.windows.net/t/"));
  for (const std::string authority : {"https://login.partner.microsoftonline.cn", "https://login.chinacloudapi.cn"})
    EXPECT_THAT(issuers(authority, "t"),
                testing::ElementsAre(authority + "/t/v2.0", "https://sts.chinacloudapi.cn/t/"));
}

TEST(Issuers, TellTheirTenant) {
  EXPECT_EQ(tenant_of("https://login.microsoftonline.com/" + test::tenant + "/v2.0"), test::tenant);
  EXPECT_EQ(tenant_of("https://sts.windows.net/72F988BF-86F1-41AF-91AB-2D7CD011DB47/"), test::tenant);
  EXPECT_EQ(tenant_of("https://" + test::tenant + ".ciamlogin.com/" + test::tenant + "/v2.0"), test::tenant);
  EXPECT_EQ(tenant_of("https://login.microsoftonline.com/{tenantid}/v2.0"), std::nullopt);
  EXPECT_EQ(tenant_of(""), std::nullopt);
}

}  // namespace
}  // namespace spillway::routing
