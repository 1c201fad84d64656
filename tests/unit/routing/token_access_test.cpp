#include "spillway/routing/token_access.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <thread>

#include "token_fixture.hpp"

namespace spillway::routing {
namespace {

using test::json;

config::Config config_of(const std::vector<config::Entra>& rules) {
  config::Config config;
  config.clients.resize(1);  // one with keys only
  for (const config::Entra& entra : rules) config.clients.emplace_back().entra = entra;
  return config;
}

// The client's number, or the name of the refusal.
std::string outcome(const TokenAccess& access, std::string_view token, WallTime now = test::now) {
  const TokenAccess::Decision decision = access.admit(token, now);
  return decision.client ? std::to_string(*decision.client) : std::string(name(decision.refusal));
}

// Client 1 has tokens of `tenant`, whose keys are those of the first and the second signer.
struct OneClient : testing::Test {
  TokenAccess access{config_of({test::entra()})};

  OneClient() { access.use(0, test::keys({test::first_signer().jwk(), test::second_signer().jwk()})); }
};

json with(const json& changes) {
  json claims = test::claims();
  claims.merge_patch(changes);
  return claims;
}

json version_1() {
  return with({{"iss", "https://sts.windows.net/" + test::tenant + "/"},
               {"ver", "1.0"},
               {"azp", nullptr},
               {"appid", test::application}});
}

using Tokens = OneClient;

TEST_F(Tokens, OfBothAlgorithmsAndVersionsAreTaken) {
  for (const test::Signer* signer : {&test::first_signer(), &test::second_signer()}) {
    EXPECT_EQ(outcome(access, signer->token(test::claims())), "1");
    EXPECT_EQ(outcome(access, signer->token(version_1())), "1");
  }
}

TEST_F(Tokens, AreRefusedEachForItsOwnReason) {
  const test::Signer& signer = test::first_signer();
  EXPECT_EQ(outcome(access, "eyJ.eyJ.x"), "malformed");
  EXPECT_EQ(outcome(access, signer.token({{"alg", "none"}, {"kid", "first"}}, test::claims())), "not_signed");
  EXPECT_EQ(outcome(access, signer.token({{"alg", "RS384"}, {"kid", "first"}}, test::claims())), "wrong_algorithm");
  EXPECT_EQ(outcome(access,
                    signer.token(with({{"iss", "https://login.microsoftonline.com/" + test::other_tenant + "/v2.0"}}))),
            "wrong_issuer");
  EXPECT_EQ(outcome(access, test::Signer::p256("third").token(test::claims())), "unknown_key");
  EXPECT_EQ(outcome(access, test::other_signer().token(test::claims())), "bad_signature");
  EXPECT_EQ(outcome(access, signer.token(with({{"aud", "api://other"}}))), "wrong_audience");
  EXPECT_EQ(outcome(access, signer.token(test::claims()), test::now + std::chrono::hours(2)), "expired");
  EXPECT_EQ(outcome(access, signer.token(test::claims()), test::now - std::chrono::hours(2)), "not_yet_valid");

  config::Entra strict = test::entra();
  strict.client_ids = {test::application};
  strict.required_claims = {{"roles", {"Chat.User"}}};
  TokenAccess narrow(config_of({strict}));
  EXPECT_EQ(outcome(narrow, signer.token(test::claims())), "no_keys");
  narrow.use(0, test::keys({signer.jwk()}));
  EXPECT_EQ(outcome(narrow, signer.token(with({{"azp", test::other_tenant}}))), "wrong_application");
  EXPECT_EQ(outcome(narrow, signer.token(test::claims())), "missing_claim");
  EXPECT_EQ(outcome(narrow, signer.token(with({{"roles", {"Chat.User"}}}))), "1");
}

TEST_F(Tokens, WithAByteChangedAreNeverTaken) {
  for (const test::Signer* signer : {&test::first_signer(), &test::second_signer()}) {
    const std::string token = signer->token(test::claims());
    for (std::size_t at = 0; at < token.size(); ++at) {
      for (const char byte : {'A', 'b', '9', '-', '_', '.', '=', '\0', static_cast<char>(token[at] ^ 1),
                              static_cast<char>(token[at] ^ 0x20)}) {
        if (byte == token[at]) continue;
        std::string changed = token;
        changed[at] = byte;
        EXPECT_FALSE(access.admit(changed, test::now).client) << at << " " << changed;
      }
    }
  }
}

TEST_F(Tokens, WithABytePutInOrTakenOutAreNeverTaken) {
  const std::string token = test::second_signer().token(test::claims());
  for (std::size_t at = 0; at <= token.size(); ++at) {
    for (const char* added : {"A", ".", "=", " ", "\n"})
      EXPECT_FALSE(access.admit(std::string(token).insert(at, added), test::now).client) << at << added;
    if (at == token.size()) break;
    EXPECT_FALSE(access.admit(std::string(token).erase(at, 1), test::now).client) << at;
    EXPECT_FALSE(access.admit(token.substr(0, at), test::now).client) << at;
  }
  EXPECT_EQ(outcome(access, token), "1");
}

TEST_F(Tokens, MadeOfPartsOfOthersAreNotTaken) {
  const auto parts = [](const std::string& token) {
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    return std::array{token.substr(0, first), token.substr(first, last - first), token.substr(last)};
  };
  const auto rsa = parts(test::first_signer().token(test::claims()));
  const auto ec = parts(test::second_signer().token(test::claims()));
  const auto stronger = parts(test::first_signer().token(with({{"roles", {"Admin"}}})));
  EXPECT_EQ(outcome(access, rsa[0] + stronger[1] + rsa[2]), "bad_signature");
  EXPECT_EQ(outcome(access, ec[0] + ec[1] + rsa[2]), "bad_signature");
  EXPECT_EQ(outcome(access, rsa[0] + rsa[1] + ec[2]), "bad_signature");
  EXPECT_EQ(outcome(access, rsa[0] + rsa[1] + "."), "not_signed");
}

// The classic attacks: the public key as the secret of an HMAC, a key of one kind for the other algorithm, and a key
// that comes with the token.
TEST_F(Tokens, DoNotSayWhatToCheckThemWith) {
  const std::string public_key = test::first_signer().jwk()["n"];
  const std::string text =
      test::base64url(R"({"alg":"HS256","kid":"first"})") + "." + test::base64url(test::claims().dump());
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), public_key.data(), static_cast<int>(public_key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  EXPECT_EQ(outcome(access, text + "." + test::base64url({reinterpret_cast<const char*>(mac), size})),
            "wrong_algorithm");

  EXPECT_EQ(outcome(access, test::first_signer().token({{"alg", "ES256"}, {"kid", "first"}}, test::claims())),
            "wrong_algorithm");
  EXPECT_EQ(outcome(access, test::second_signer().token({{"alg", "RS256"}, {"kid", "second"}}, test::claims())),
            "wrong_algorithm");
  EXPECT_EQ(outcome(access, test::first_signer().token({{"alg", "RS256"}, {"kid", "second"}}, test::claims())),
            "wrong_algorithm");

  const test::Signer own = test::Signer::rsa("first");
  EXPECT_EQ(outcome(access, own.token({{"alg", "RS256"},
                                       {"kid", "first"},
                                       {"jwk", own.jwk()},
                                       {"jku", "https://evil.example/keys"},
                                       {"x5u", "https://evil.example/x"}},
                                      test::claims())),
            "bad_signature");
  EXPECT_EQ(outcome(access, own.token({{"alg", "RS256"}, {"kid", "../../dev/null"}}, test::claims())), "unknown_key");
}

TEST_F(Tokens, TellWhoseKeysMayBeOutOfDate) {
  const TokenAccess::Decision unknown = access.admit(test::Signer::p256("third").token(test::claims()), test::now);
  EXPECT_EQ(unknown.refusal, TokenRefusal::unknown_key);
  EXPECT_EQ(unknown.tenant, 0U);
  EXPECT_EQ(access.admit(test::other_signer().token(test::claims()), test::now).tenant, std::nullopt);
  EXPECT_EQ(access.admit(test::Signer::p256("third").token(with({{"iss", "https://evil.example/"}})), test::now).tenant,
            std::nullopt)
      << "no reason to ask a tenant";
}

TEST_F(Tokens, FollowTheKeysOfTheirTenant) {
  const test::Signer third = test::Signer::p256("third");
  const std::string by_first = test::first_signer().token(test::claims());
  const std::string by_third = third.token(test::claims());
  EXPECT_EQ(outcome(access, by_first), "1");
  EXPECT_EQ(outcome(access, by_third), "unknown_key");
  access.use(0, test::keys({test::first_signer().jwk(), third.jwk()}));
  EXPECT_EQ(outcome(access, by_first), "1");
  EXPECT_EQ(outcome(access, by_third), "1");
  access.use(0, test::keys({third.jwk()}));
  EXPECT_EQ(outcome(access, by_first), "unknown_key") << "also when it was taken before";
  EXPECT_EQ(outcome(access, by_third), "1");
  access.use(0, test::keys({test::other_signer().jwk()}));
  EXPECT_EQ(outcome(access, by_first), "bad_signature") << "another key of the same name";
}

TEST_F(Tokens, EndAlsoWhenTheyWereTakenBefore) {
  const std::string token = test::first_signer().token(test::claims());
  const WallTime end = test::now + std::chrono::seconds(3660);
  EXPECT_EQ(outcome(access, token), "1");
  EXPECT_EQ(outcome(access, token, end - WallTime::duration(1)), "1");
  EXPECT_EQ(outcome(access, token, end), "expired");
}

// A key set may hold the keys of others, such as that for personal accounts.
TEST_F(Tokens, NameTheTenantThatSignsThem) {
  const test::Signer& signer = test::first_signer();
  EXPECT_EQ(outcome(access, signer.token(with({{"tid", nullptr}}))), "1");
  EXPECT_EQ(outcome(access, signer.token(with({{"tid", "72F988BF-86F1-41AF-91AB-2D7CD011DB47"}}))), "1");
  EXPECT_EQ(outcome(access, signer.token(with({{"tid", test::other_tenant}}))), "wrong_issuer");
  EXPECT_EQ(outcome(access, signer.token(with({{"tid", 7}}))), "wrong_issuer");
  EXPECT_EQ(outcome(access, signer.token(with({{"tid", ""}}))), "wrong_issuer");
}

TEST_F(Tokens, AreNotSignedByKeysOfOthers) {
  const auto with_issuer = [&](const std::string& issuer) {
    json key = test::first_signer().jwk();
    key["issuer"] = issuer;
    access.use(0, test::keys({key}));
    return outcome(access, test::first_signer().token(test::claims()));
  };
  EXPECT_EQ(with_issuer("https://login.microsoftonline.com/" + test::other_tenant + "/v2.0"), "wrong_issuer");
  EXPECT_EQ(with_issuer("https://login.microsoftonline.com/" + test::tenant + "/v2.0"), "1");
  EXPECT_EQ(with_issuer("https://login.microsoftonline.com/{tenantid}/v2.0"), "1");
  EXPECT_EQ(with_issuer(""), "1");
}

TEST(TokenAccess, TriesClientsInTheOrderOfTheFile) {
  config::Entra admins = test::entra();
  admins.required_claims = {{"roles", {"Admin"}}};
  config::Entra app = test::entra();
  app.client_ids = {test::application};
  TokenAccess access(config_of({admins, app, test::entra()}));
  access.use(0, test::keys({test::first_signer().jwk()}));
  const auto who = [&](const json& changes) { return outcome(access, test::first_signer().token(with(changes))); };
  EXPECT_EQ(who({{"roles", {"Admin"}}}), "1");
  EXPECT_EQ(who(json::object()), "2");
  EXPECT_EQ(who({{"azp", test::other_tenant}}), "3");
}

TEST(TokenAccess, RefusesForTheReasonThatCameNearest) {
  config::Entra other_audience = test::entra();
  other_audience.audiences = {"other"};
  config::Entra role = test::entra();
  role.required_claims = {{"roles", {"Admin"}}};
  config::Entra application = test::entra();
  application.client_ids = {test::other_tenant};
  TokenAccess access(config_of({other_audience, role, application}));
  access.use(0, test::keys({test::first_signer().jwk()}));
  EXPECT_EQ(outcome(access, test::first_signer().token(test::claims())), "missing_claim");
}

TEST(TokenAccess, KeepsTenantsApart) {
  config::Entra other = test::entra();
  other.tenant_id = test::other_tenant;
  TokenAccess access(config_of({test::entra(), other, test::entra()}));
  ASSERT_EQ(access.tenants().size(), 2U);
  EXPECT_EQ(access.tenants()[0].id, test::tenant);
  EXPECT_EQ(access.tenants()[1].id, test::other_tenant);
  EXPECT_EQ(access.tenants()[1].authority, "https://login.microsoftonline.com");
  access.use(0, test::keys({test::first_signer().jwk()}));
  const json of_other =
      with({{"iss", "https://login.microsoftonline.com/" + test::other_tenant + "/v2.0"}, {"tid", test::other_tenant}});
  EXPECT_EQ(access.admit(test::first_signer().token(of_other), test::now).tenant, 1U) << "its keys are not known";
  access.use(1, test::keys({test::second_signer().jwk()}));
  EXPECT_EQ(outcome(access, test::first_signer().token(test::claims())), "1");
  EXPECT_EQ(outcome(access, test::second_signer().token(of_other)), "2");
  EXPECT_EQ(outcome(access, test::first_signer().token(of_other)), "unknown_key");
  EXPECT_EQ(outcome(access, test::second_signer().token(test::claims())), "unknown_key");
}

TEST(TokenAccess, LearnsTheGuidOfADomainFromItsMetadata) {
  config::Entra entra = test::entra();
  entra.tenant_id = "contoso.onmicrosoft.com";
  TokenAccess access(config_of({entra}));
  const std::string token = test::first_signer().token(test::claims());
  EXPECT_EQ(outcome(access, token), "no_keys");
  EXPECT_EQ(access.keys(0), nullptr);
  EXPECT_FALSE(access.use(0, test::keys({test::first_signer().jwk()})));
  EXPECT_EQ(outcome(access, token), "no_keys") << "no issuer yet";
  EXPECT_FALSE(access.use(0, test::keys({test::first_signer().jwk()}), "https://login.microsoftonline.com/v2.0"));
  EXPECT_EQ(outcome(access, token), "no_keys");
  EXPECT_TRUE(access.use(0, test::keys({test::first_signer().jwk()}),
                         "https://login.microsoftonline.com/" + test::tenant + "/v2.0"));
  EXPECT_TRUE(access.keys(0)->has("first"));
  EXPECT_EQ(outcome(access, token), "1");
  EXPECT_EQ(outcome(access, test::first_signer().token(version_1())), "1");
}

TEST(TokenAccess, TakesAnIssuerOfAnotherFormFromTheMetadata) {
  config::Entra entra = test::entra();
  entra.authority = "https://contoso.ciamlogin.com";
  TokenAccess access(config_of({entra}));
  const std::string issuer = "https://" + test::tenant + ".ciamlogin.com/" + test::tenant + "/v2.0";
  const std::string token = test::first_signer().token(with({{"iss", issuer}}));
  access.use(0, test::keys({test::first_signer().jwk()}),
             "https://" + test::other_tenant + ".ciamlogin.com/" + test::other_tenant + "/v2.0");
  EXPECT_EQ(outcome(access, token), "wrong_issuer") << "the configuration says which tenant";
  access.use(0, test::keys({test::first_signer().jwk()}), issuer);
  EXPECT_EQ(outcome(access, token), "1");
}

TEST(TokenAccess, FollowsTheAuthorityOfAnotherCloud) {
  config::Entra entra = test::entra();
  entra.authority = "https://login.partner.microsoftonline.cn";
  TokenAccess access(config_of({entra}));
  access.use(0, test::keys({test::first_signer().jwk()}));
  const auto from = [&](const std::string& issuer) {
    return outcome(access, test::first_signer().token(with({{"iss", issuer}})));
  };
  EXPECT_EQ(from("https://login.partner.microsoftonline.cn/" + test::tenant + "/v2.0"), "1");
  EXPECT_EQ(from("https://sts.chinacloudapi.cn/" + test::tenant + "/"), "1");
  EXPECT_EQ(from("https://login.microsoftonline.com/" + test::tenant + "/v2.0"), "wrong_issuer");
  EXPECT_EQ(from("https://sts.windows.net/" + test::tenant + "/"), "wrong_issuer");
}

TEST(TokenAccess, TakesOverWhatIsKnownOfTheSameTenants) {
  config::Entra domain = test::entra();
  domain.tenant_id = "contoso.com";
  config::Entra other_cloud = test::entra();
  other_cloud.authority = "https://login.microsoftonline.us";
  TokenAccess before(config_of({test::entra(), domain}));
  before.use(0, test::keys({test::first_signer().jwk()}));
  before.use(1, test::keys({test::second_signer().jwk()}),
             "https://login.microsoftonline.com/" + test::tenant + "/v2.0");

  TokenAccess after(config_of({other_cloud, domain, test::entra()}));
  after.adopt(before);
  EXPECT_EQ(outcome(after, test::first_signer().token(test::claims())), "3");
  EXPECT_EQ(outcome(after, test::second_signer().token(test::claims())), "2");
  EXPECT_EQ(outcome(after, test::first_signer().token(
                               with({{"iss", "https://login.microsoftonline.us/" + test::tenant + "/v2.0"}}))),
            "no_keys");
  TokenAccess none(config_of({}));
  none.adopt(after);
  after.adopt(none);
  EXPECT_EQ(outcome(after, test::first_signer().token(test::claims())), "3");
}

TEST(TokenAccess, TakesNoTokenWithoutClientsThatHaveSome) {
  const TokenAccess access(config_of({}));
  EXPECT_TRUE(access.empty());
  EXPECT_EQ(outcome(access, test::first_signer().token(test::claims())), "wrong_issuer");
}

TEST(TokenAccess, KnowsTheFormOfAToken) {
  EXPECT_TRUE(TokenAccess::looks_like_token(test::first_signer().token(test::claims())));
  for (const char* text : {"", "sk-123", "eyJ", "eyJ.a", "eyJ.a.b.c", "a.b.c"})
    EXPECT_FALSE(TokenAccess::looks_like_token(text)) << text;
}

TEST(TokenAccess, MayBeUsedByManyThreadsWhileKeysChange) {
  TokenAccess access(config_of({test::entra()}));
  const std::string token = test::second_signer().token(test::claims());
  const auto both = test::keys({test::first_signer().jwk(), test::second_signer().jwk()});
  const auto second = test::keys({test::second_signer().jwk()});
  access.use(0, both);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 200; ++i) {
        if (thread == 0) access.use(0, i % 2 == 0 ? second : both);
        EXPECT_EQ(outcome(access, token), "1");
      }
    });
  }
}

TEST(TokenRefusals, HaveAStatusAndWordsOfTheirOwn) {
  std::vector<std::string_view> messages;
  for (int i = 0; i <= static_cast<int>(TokenRefusal::missing_claim); ++i) {
    const auto refusal = static_cast<TokenRefusal>(i);
    const TokenAnswer told = answer(refusal);
    const bool not_allowed = refusal == TokenRefusal::wrong_application || refusal == TokenRefusal::missing_claim;
    EXPECT_EQ(told.status, not_allowed ? 403 : refusal == TokenRefusal::no_keys ? 503 : 401) << name(refusal);
    EXPECT_EQ(std::count(messages.begin(), messages.end(), told.message), 0) << told.message;
    messages.push_back(told.message);
  }
}

}  // namespace
}  // namespace spillway::routing
