#include "identity/grant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// 2026-01-31T12:00:00Z
const WallTime noon = WallTime(std::chrono::seconds(1'769'860'800));

Grant grant(const std::string& json) {
  auto parsed = parse_grant(json, noon);
  if (auto* found = std::get_if<Grant>(&parsed)) return std::move(*found);
  ADD_FAILURE() << json << ": " << std::get<std::string>(parsed);
  return {};
}

std::string problem(const std::string& json) {
  const auto parsed = parse_grant(json, noon);
  const auto* text = std::get_if<std::string>(&parsed);
  return text != nullptr ? *text : std::string();
}

std::string with(const std::string& more) {
  return R"({"token_type":"Bearer","access_token":"t0ken",)" + more + "}";
}

TEST(Grants, LastAsLongAsExpiresInSays) {
  EXPECT_EQ(grant(with(R"("expires_in":3599)")).expires_in, 3599s);
  EXPECT_EQ(grant(with(R"("expires_in":"86399")")).expires_in, 86399s);
  EXPECT_EQ(grant(with(R"("expires_in":3599)")).token.reveal(), "t0ken");
}

TEST(Grants, LastUntilExpiresOnSays) {
  for (const char* on :
       {R"(1769864400)", R"("1769864400")", R"("2026-01-31T13:00:00Z")", R"("2026-01-31T13:00:00+00:00")",
        R"("1/31/2026 1:00:00 PM +00:00")", R"("01/31/2026 13:00:00 +00:00")"}) {
    EXPECT_EQ(grant(with(std::string("\"expires_on\":") + on)).expires_in, 1h) << on;
  }
}

TEST(Grants, EndWithTheEarlierOfTwoEnds) {
  EXPECT_EQ(grant(with(R"("expires_in":7200,"expires_on":"1769864400")")).expires_in, 1h);
  EXPECT_EQ(grant(with(R"("expires_in":60,"expires_on":"1769864400")")).expires_in, 1min);
}

TEST(Grants, DoNotBelieveAClockThatSaysTheyAreOver) {
  EXPECT_EQ(grant(with(R"("expires_in":7200,"expires_on":"1000")")).expires_in, 2h);
}

TEST(Grants, MayWishForAnEarlierRefresh) {
  EXPECT_EQ(grant(with(R"("expires_in":86399,"refresh_in":43199)")).refresh_in, 43199s);
  EXPECT_EQ(grant(with(R"("expires_in":86399,"refresh_in":"43199")")).refresh_in, 43199s);
  EXPECT_EQ(grant(with(R"("expires_in":100,"refresh_in":100)")).refresh_in, std::nullopt);
  EXPECT_EQ(grant(with(R"("expires_in":100,"refresh_in":"soon")")).refresh_in, std::nullopt);
  EXPECT_EQ(grant(with(R"("expires_in":100,"refresh_in":-1)")).refresh_in, std::nullopt);
}

TEST(Grants, AreBoundedWhateverTheIssuerSays) {
  EXPECT_EQ(grant(with(R"("expires_in":1e300)")).expires_in, 366 * 24h);
  EXPECT_EQ(grant(with(R"("expires_on":99999999999999)")).expires_in, 366 * 24h);
}

TEST(Grants, AreNotMadeOfAnythingElse) {
  EXPECT_THAT(problem("<html>"), HasSubstr("no JSON object"));
  EXPECT_THAT(problem("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(problem("{}"), HasSubstr("no access_token"));
  EXPECT_THAT(problem(R"({"access_token":7,"expires_in":60})"), HasSubstr("no access_token"));
  EXPECT_THAT(problem(R"({"access_token":"","expires_in":60})"), HasSubstr("cannot stand in a header"));
  EXPECT_THAT(problem(R"({"access_token":"a\r\nb","expires_in":60})"), HasSubstr("cannot stand in a header"));
  EXPECT_THAT(problem(R"({"access_token":"t","token_type":"PoP","expires_in":60})"), HasSubstr("no bearer token"));
  EXPECT_THAT(problem(R"({"access_token":"t"})"), HasSubstr("when the token expires"));
  EXPECT_THAT(problem(R"({"access_token":"t","expires_in":0})"), HasSubstr("when the token expires"));
  EXPECT_THAT(problem(R"({"access_token":"t","expires_on":"1000"})"), HasSubstr("when the token expires"));
  EXPECT_THAT(problem(R"({"access_token":"hidden","expires_in":null})"), Not(HasSubstr("hidden")));
}

TEST(Dates, AreReadInThreeNotations) {
  EXPECT_EQ(parse_date("2026-01-31T12:00:00Z"), noon);
  EXPECT_EQ(parse_date("2026-01-31T12:00:00.1234567Z"), noon);
  EXPECT_EQ(parse_date("2026-01-31 12:00:00 +00:00"), noon);
  EXPECT_EQ(parse_date("1/31/2026 12:00:00 PM +00:00"), noon);
  EXPECT_EQ(parse_date("1/31/2026 12:00:00 AM +00:00"), noon - 12h);
  EXPECT_EQ(parse_date("01/31/2026 12:00:00"), noon);
}

TEST(Dates, RefuseTheRest) {
  for (const char* text : {"", "soon", "2026-02-30T12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:00:00+02:00",
                           "13/31/2026 12:00:00", "1/31/2026 13:00:00 PM", "2026-01-31", "2026-01-31T12:00:00Zx",
                           "2026-01-31T-1:00:00Z", "99999-01-31T12:00:00Z"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

TEST(Refusals, SayWhatTheIssuerSays) {
  EXPECT_EQ(describe_refusal(401,
                             R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret )"
                             R"(provided. Trace ID: 1 Correlation ID: 2"})",
                             {}),
            "status 401, invalid_client, AADSTS7000215: Invalid client secret provided.");
  EXPECT_EQ(describe_refusal(400, R"({"statusCode":400,"message":"No User Assigned identity\r\nfound"})", {}),
            "status 400, No User Assigned identity");
  EXPECT_EQ(describe_refusal(400, R"({"error":{"code":"bad","message":"worse"}})", {}), "status 400, bad, worse");
  EXPECT_EQ(describe_refusal(502, "<html>", {}), "status 502");
}

TEST(Refusals, ShowNoSecretAndNoFlood) {
  const std::array<std::string_view, 2> secrets = {"", "s3cret"};
  EXPECT_EQ(describe_refusal(400, R"({"error":"s3cret is s3cret"})", secrets), "status 400, (hidden) is (hidden)");
  EXPECT_LT(describe_refusal(400, R"({"error":")" + std::string(5000, 'x') + "\"}", {}).size(), 400U);
  EXPECT_EQ(describe_refusal(400, "{\"error\":\"a\\u0007b\"}", {}), "status 400, a?b");
}

}  // namespace
}  // namespace spillway::identity
