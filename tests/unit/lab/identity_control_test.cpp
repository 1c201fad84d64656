#include "identity_fixture.hpp"

namespace spillway::lab {
namespace {

class IdentityControlTest : public IdentityTest {
 protected:
  Answer imds() {
    return send("imds", "GET", "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=r",
                {{"Metadata", "true"}});
  }
  std::string problem(std::string_view path, std::string_view body, int status = 400) {
    const Answer answer = order(path, body);
    EXPECT_EQ(answer.status, status) << body;
    return text(answer, "error");
  }
  Json service(std::size_t index) { return parsed(order("/identity", "", "GET"))["services"][index]; }
};

TEST_F(IdentityControlTest, CountsTheCallsByOperation) {
  imds();
  imds();
  EXPECT_EQ(dump(member(service(0), "requests")), R"({"token":{"200":2}})");
  EXPECT_EQ(dump(member(parsed(order("/identity", "", "GET")), "issued")), R"({"system-client":{"r":2}})");
  identity.reset();
  EXPECT_EQ(dump(member(service(0), "requests")), "{}");
}

TEST_F(IdentityControlTest, FailsInTheServicesOwnWords) {
  order("/identity/faults", R"({"fault":{"status":429,"retry_after_ms":1500}})");
  const Answer throttled = imds();
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(throttled.field("Retry-After"), "2");
  EXPECT_EQ(text(throttled, "error"), "too_many_requests");
  const std::string token_path = "/" + identity.issuer().tenant() + "/oauth2/v2.0/token";
  EXPECT_EQ(text(send("entra", "POST", token_path), "error"), "temporarily_unavailable");
  EXPECT_EQ(text_of(member(member(parsed(send("key_vault", "GET", "/secrets/x")), "error"), "code")), "Throttled");
  EXPECT_EQ(number_of(member(parsed(send("app_service", "GET", "/msi/token")), "statusCode"), 0), 429);
  order("/identity/faults", R"({"fault":null})");
  EXPECT_EQ(imds().status, 200);
}

TEST_F(IdentityControlTest, FailsOneServiceOrOneOperation) {
  order("/identity/faults", R"({"service":"entra","operation":"keys","fault":{"status":500,"count":1}})");
  EXPECT_EQ(imds().status, 200);
  const std::string tenant = "/" + identity.issuer().tenant();
  EXPECT_EQ(send("entra", "GET", tenant + "/v2.0/.well-known/openid-configuration").status, 200);
  EXPECT_EQ(send("entra", "GET", tenant + "/discovery/v2.0/keys").status, 500);
  EXPECT_EQ(send("entra", "GET", tenant + "/discovery/v2.0/keys").status, 200);
  order("/identity/faults", R"({"service":"imds","fault":{"kind":"delay","ms":300}})");
  EXPECT_EQ(imds().delay, Milliseconds{300});
  order("/identity/faults", R"({"service":"imds","fault":"refuse"})");
  EXPECT_TRUE(identity.find("imds")->faults().refuses());
  EXPECT_FALSE(identity.find("arc")->faults().refuses());
}

TEST_F(IdentityControlTest, ShortensLifetimesAndPutsThemBack) {
  order("/identity/lifetime", R"({"expires_in":5})");
  EXPECT_EQ(text(imds(), "expires_in"), "5");
  order("/identity/lifetime", "{}");
  EXPECT_EQ(text(imds(), "expires_in"), "3600");
}

TEST_F(IdentityControlTest, RollsKeysAndRevokes) {
  const std::string token = text(imds(), "access_token");
  order("/identity/rollover", R"({"overlap_ms":1000})");
  EXPECT_EQ(flaw(token, "r"), TokenFlaw::none);
  order("/identity/revoke");
  EXPECT_EQ(flaw(token, "r"), TokenFlaw::revoked);
  EXPECT_EQ(flaw(text(imds(), "access_token"), "r"), TokenFlaw::none);
  moment.now += std::chrono::seconds(1);
  EXPECT_EQ(flaw(token, "r"), TokenFlaw::unknown_key);
}

TEST_F(IdentityControlTest, SaysWhatIsWrongAndChangesNothing) {
  EXPECT_EQ(problem("/identity/faults", R"({"service":"imds"})"), "fault is missing (null clears it)");
  EXPECT_EQ(problem("/identity/faults", R"({"service":"x","fault":"reset"})", 404), "no service 'x'");
  EXPECT_EQ(problem("/identity/faults", R"({"operation":"x","fault":"reset"})", 404), "no operation 'x' there");
  EXPECT_EQ(problem("/identity/faults", R"({"operation":"token","fault":"refuse"})"),
            "refuse works on a whole service, not on an operation");
  EXPECT_EQ(problem("/identity/faults", R"({"fault":"content_filter"})"), "fault: no identity service does this");
  EXPECT_EQ(problem("/identity/lifetime", R"({"refresh_in":5})"), "refresh_in needs an expires_in");
  EXPECT_EQ(problem("/identity/lifetime", R"({"expires_in":0})"),
            "expires_in must be a whole number from 1 to 315360000");
  EXPECT_EQ(problem("/identity/secrets", R"({"value":"v"})"), "name is missing");
  EXPECT_EQ(problem("/identity/secrets", R"({"name":"a"})"), "value is missing (null removes the secret)");
  EXPECT_EQ(problem("/identity/secrets", R"({"name":"a_b","value":"v"})"),
            "name is 1 to 127 letters, digits and hyphens");
  EXPECT_EQ(problem("/identity/secrets", R"({"name":"gone","value":null})", 404), "no secret 'gone'");
  EXPECT_EQ(problem("/identity/revoke", R"({"client":"x"})"), "unknown key 'client' (client_id)");
  EXPECT_EQ(order("/identity/x").status, 404);
  EXPECT_EQ(order("/identity", "", "POST").status, 405);
  EXPECT_EQ(order("/identity/revoke", "", "GET").status, 405);
  EXPECT_EQ(dump(member(service(0), "faults")), "[]");
}

TEST_F(IdentityControlTest, WithoutIdentityServicesThereIsNothing) {
  Request request;
  request.method = "GET";
  request.path = "/identity";
  EXPECT_EQ(identity_control(nullptr, request, moment).status, 404);
}

TEST_F(IdentityControlTest, ReportsNoSecret) {
  const std::string report = order("/identity", "", "GET").body();
  for (const char* secret : {"old secret", "first value", "app-service-header"}) {
    EXPECT_EQ(report.find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(report.find("Chat-Key"), std::string::npos);
}

}  // namespace
}  // namespace spillway::lab
