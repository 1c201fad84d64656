#include "identity_fixture.hpp"
#include "lab/certificate.hpp"

namespace spillway::lab {
namespace {

constexpr char scope[] = "https%3A%2F%2Fcognitiveservices.azure.com%2F.default";

class EntraTest : public IdentityTest {
 protected:
  std::string path(const std::string& rest) { return "/" + identity.issuer().tenant() + rest; }
  std::string token_path() { return path("/oauth2/v2.0/token"); }
  Answer post(const std::string& form) { return send("entra", "POST", token_path(), {}, form); }
  static std::string with_secret(const std::string& secret) {
    return "grant_type=client_credentials&client_id=app-client&client_secret=" + secret + "&scope=" + scope;
  }
  static std::string with_assertion(const std::string& assertion) {
    return "grant_type=client_credentials&client_id=app-client&scope=" + std::string(scope) +
           "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" +
           assertion;
  }
  void refused(const Answer& answer, int status, std::string_view error, int code) {
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(text(answer, "error"), error);
    EXPECT_EQ(dump(member(parsed(answer), "error_codes")), "[" + std::to_string(code) + "]");
    EXPECT_EQ(text(answer, "error_description").find("AADSTS" + std::to_string(code) + ": "), 0U);
    EXPECT_EQ(text(answer, "timestamp"), "2027-01-15 08:00:00Z");
    EXPECT_EQ(text(answer, "trace_id").size(), 36U);
  }
};

TEST_F(EntraTest, GivesATokenForASecret) {
  const Answer answer = post(with_secret("old+secret"));
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(number_of(member(parsed(answer), "expires_in"), 0), 3600);
  EXPECT_EQ(text(answer, "token_type"), "Bearer");
  EXPECT_EQ(flaw(text(answer, "access_token"), "https://cognitiveservices.azure.com"), TokenFlaw::none);
  EXPECT_EQ(dump(member(claims(answer), "roles")), R"(["Chat.Use"])");
  EXPECT_EQ(post(with_secret("new%2Bsecret")).status, 200);
  refused(post(with_secret("wrong")), 401, "invalid_client", 7000215);
}

TEST_F(EntraTest, SaysWhatIsWrongAsAzureDoes) {
  refused(send("entra", "POST", "/another/oauth2/v2.0/token", {}, with_secret("x")), 400, "invalid_request", 90002);
  refused(post(""), 400, "invalid_request", 900144);
  refused(post("grant_type=password&client_id=app-client&scope=x"), 400, "unsupported_grant_type", 70003);
  refused(post("grant_type=client_credentials&client_id=nobody&scope=x"), 400, "unauthorized_client", 700016);
  refused(post("grant_type=client_credentials&client_id=app-client&scope=x"), 401, "invalid_client", 7000218);
  refused(post("grant_type=client_credentials&client_id=app-client&client_secret=old+secret&scope=https://a"), 400,
          "invalid_scope", 1002012);
  const Answer correlated = send("entra", "POST", token_path(), {{"client-request-id", "mine"}}, "");
  EXPECT_EQ(text(correlated, "correlation_id"), "mine");
}

TEST_F(EntraTest, TakesAssertionsOfAFederatedIssuer) {
  const SigningKey anyone = SigningKey::generate(Algorithm::es256);
  Json good = {{"iss", "https://oidc.example/"},
               {"sub", "system:serviceaccount:ns:sa"},
               {"aud", {"api://AzureADTokenExchange"}},
               {"exp", moment.unix_seconds + 600}};
  const auto with = [&](const char* claim, const Json& value) {
    Json claims = good;
    claims[claim] = value;
    return post(with_assertion(make_jwt(claims, anyone)));
  };
  EXPECT_EQ(with("x", 1).status, 200);
  refused(with("iss", "https://other.example/"), 401, "invalid_client", 700213);
  refused(with("sub", "system:serviceaccount:ns:other"), 401, "invalid_client", 700213);
  refused(with("aud", "other"), 401, "invalid_client", 700213);
  refused(with("exp", moment.unix_seconds - 301), 401, "invalid_client", 700024);
  refused(post(with_assertion("no-jwt")), 400, "invalid_request", 50027);
}

TEST_F(EntraTest, ChecksAssertionsSignedWithACertificate) {
  const SelfSigned pair = self_signed_certificate();
  IdentityConfig config = standard();
  config.applications[0].certificate = ClientCertificate::read(pair.certificate);
  Identity own(config, 1, made_once());
  const SigningKey key = *SigningKey::read(pair.private_key, Algorithm::es256);
  const SigningKey stranger = SigningKey::generate(Algorithm::es256);
  const std::string host = "127.0.0.1:4711";
  const std::string audience = "http://" + host + token_path();
  const auto answered = [&](const SigningKey& signer, const std::string& meant_for, const std::string& thumbprint,
                            const std::string& subject) {
    const Json claims = {{"iss", "app-client"},        {"sub", subject},
                         {"aud", meant_for},           {"exp", moment.unix_seconds + 600},
                         {"nbf", moment.unix_seconds}, {"jti", "1"}};
    const std::string form = with_assertion(make_jwt(claims, signer, {{"x5t#S256", thumbprint}}));
    const std::string target = token_path();
    Request request;
    request.method = "POST";
    request.path = target;
    request.fields = {{"host", host}};
    request.body = form;
    return own.find("entra")->respond(request, moment);
  };
  const std::string thumbprint = config.applications[0].certificate->sha256;
  EXPECT_EQ(answered(key, audience, thumbprint, "app-client").status, 200);
  refused(answered(key, audience, "another", "app-client"), 401, "invalid_client", 700027);
  refused(answered(stranger, audience, thumbprint, "app-client"), 401, "invalid_client", 700027);
  refused(answered(key, "https://elsewhere", thumbprint, "app-client"), 401, "invalid_client", 700023);
  refused(answered(key, audience, thumbprint, "another"), 400, "invalid_request", 50027);
}

TEST_F(EntraTest, PublishesItsMetadataAndItsKeys) {
  const Answer metadata = send("entra", "GET", path("/v2.0/.well-known/openid-configuration"));
  ASSERT_EQ(metadata.status, 200);
  const std::string base = "http://vault.example:4711/" + identity.issuer().tenant();
  EXPECT_EQ(text(metadata, "issuer"), identity.issuer().issuer(2));
  EXPECT_EQ(text(metadata, "jwks_uri"), base + "/discovery/v2.0/keys");
  EXPECT_EQ(text(metadata, "token_endpoint"), base + "/oauth2/v2.0/token");
  EXPECT_EQ(text(send("entra", "GET", path("/.well-known/openid-configuration")), "issuer"),
            identity.issuer().issuer(1));
  const Json keys = parsed(send("entra", "GET", path("/discovery/v2.0/keys")))["keys"];
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(text_of(member(keys[0], "alg")), "RS256");
  EXPECT_EQ(text_of(member(keys[1], "alg")), "ES256");
  EXPECT_EQ(text_of(member(keys[0], "kid")), identity.issuer().keys().current(Algorithm::rs256).kid());
  EXPECT_EQ(text_of(member(keys[0], "use")), "sig");
  EXPECT_EQ(send("entra", "GET", path("/nothing")).status, 404);
  EXPECT_EQ(send("entra", "POST", path("/discovery/v2.0/keys")).status, 405);
}

}  // namespace
}  // namespace spillway::lab
