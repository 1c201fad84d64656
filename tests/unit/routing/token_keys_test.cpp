#include "spillway/routing/token_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "token_fixture.hpp"

namespace spillway::routing {
namespace {

using test::json;

std::vector<std::string> kids(const std::string& jwks) {
  std::vector<std::string> names;
  if (const auto keys = TokenKeys::parse(jwks)) {
    for (const TokenKeys::Key& key : keys->keys()) names.push_back(key.kid);
  }
  return names;
}

// The names of what is left of a set of the second signer's key and this one.
std::vector<std::string> kids_with(const json& key) {
  return kids(test::jwks({test::second_signer().jwk(), key}));
}

json changed(json key, const json& changes) {
  key.merge_patch(changes);
  return key;
}

TEST(TokenKeys, AreReadFromAKeySet) {
  const auto keys = test::keys({test::first_signer().jwk(), test::second_signer().jwk()});
  ASSERT_NE(keys, nullptr);
  ASSERT_NE(keys->find("first", SigningAlgorithm::rs256), nullptr);
  ASSERT_NE(keys->find("second", SigningAlgorithm::es256), nullptr);
  EXPECT_EQ(keys->find("first", SigningAlgorithm::es256), nullptr);
  EXPECT_EQ(keys->find("third", SigningAlgorithm::rs256), nullptr);
  EXPECT_TRUE(keys->has("first"));
  EXPECT_FALSE(keys->has("third"));
}

TEST(TokenKeys, PassOverThoseThatAreNotForSignaturesHere) {
  const json rsa = test::first_signer().jwk();
  EXPECT_THAT(kids_with(rsa), testing::ElementsAre("second", "first"));
  EXPECT_THAT(kids_with(changed(rsa, {{"use", nullptr}})), testing::SizeIs(2)) << "may be left silent about";
  EXPECT_THAT(kids_with(changed(rsa, {{"alg", "RS256"}})), testing::SizeIs(2));
  for (const json& changes :
       {json{{"use", "enc"}}, json{{"use", 1}}, json{{"alg", "RS512"}}, json{{"alg", "HS256"}},
        json{{"alg", nullptr}, {"kty", "oct"}}, json{{"kid", nullptr}}, json{{"kid", ""}}, json{{"kid", 7}},
        json{{"kty", nullptr}}, json{{"kty", "EC"}}, json{{"n", nullptr}}, json{{"n", "AQAB"}},
        json{{"n", "not base64!"}}, json{{"e", "AQ"}}, json{{"e", "AAAA"}}, json{{"e", "Ag"}}, json{{"e", ""}}})
    EXPECT_THAT(kids_with(changed(rsa, changes)), testing::ElementsAre("second")) << changes;
  EXPECT_THAT(kids_with(json("a string")), testing::ElementsAre("second"));
}

TEST(TokenKeys, PassOverRsaKeysThatAreTooShort) {
  const test::Signer weak = test::Signer::rsa("weak", 1024);
  EXPECT_THAT(kids_with(weak.jwk()), testing::ElementsAre("second"));
}

TEST(TokenKeys, PassOverPointsThatAreNotOnTheCurve) {
  const json ec = test::Signer::p256("third").jwk();
  EXPECT_THAT(kids_with(ec), testing::SizeIs(2));
  const std::string zeros = test::base64url(std::string(32, '\0'));
  for (const json& changes :
       {json{{"x", zeros}}, json{{"y", zeros}}, json{{"x", zeros}, {"y", zeros}}, json{{"x", "AA"}},
        json{{"crv", "P-384"}}, json{{"crv", nullptr}}, json{{"alg", "ES384"}}})
    EXPECT_THAT(kids_with(changed(ec, changes)), testing::ElementsAre("second")) << changes;
}

TEST(TokenKeys, AreNothingWhenTheDocumentHoldsNone) {
  for (const char* document :
       {"", "{}", "[]", "null", R"({"keys": {}})", R"({"keys": []})", R"({"keys": [{}]})", "{\"keys\": ["})
    EXPECT_EQ(TokenKeys::parse(document), nullptr) << document;
  const std::string good = test::jwks({test::first_signer().jwk()});
  EXPECT_NE(TokenKeys::parse(good), nullptr);
  EXPECT_EQ(TokenKeys::parse(good + "x"), nullptr);
  EXPECT_EQ(TokenKeys::parse(std::string(1 << 20, ' ') + good), nullptr) << "too large";
  const std::string key = test::first_signer().jwk().dump();
  EXPECT_EQ(TokenKeys::parse("{\"keys\":[" + key + "],\"keys\":[]}"), nullptr) << "a key twice";
}

TEST(TokenKeys, KeepTheFirstOfTwoWithOneNameAndKind) {
  const json first = test::first_signer().jwk();
  const json same_name = test::other_signer().jwk();
  EXPECT_EQ(*test::keys({first, same_name}), *test::keys({first}));
  EXPECT_EQ(test::keys({first, changed(test::second_signer().jwk(), {{"kid", "first"}})})->keys().size(), 2U);
}

TEST(TokenKeys, AreEqualWhenTheirKeysAre) {
  const json first = test::first_signer().jwk();
  EXPECT_EQ(*test::keys({first}), *test::keys({changed(first, {{"x5c", {"abc"}}})}));
  EXPECT_FALSE(*test::keys({first}) == *test::keys({test::other_signer().jwk()}));
  EXPECT_FALSE(*test::keys({first}) == *test::keys({first, test::second_signer().jwk()}));
}

TEST(Signatures, FitTheirTextAndKeyOnly) {
  for (const test::Signer* signer : {&test::first_signer(), &test::second_signer()}) {
    const auto keys = test::keys({signer->jwk(), test::Signer::p256("third").jwk()});
    const TokenKeys::Key& key = keys->keys().at(0);
    const std::string signature = signer->sign("text");
    EXPECT_TRUE(verify_signature(key, "text", signature));
    EXPECT_FALSE(verify_signature(key, "texT", signature));
    EXPECT_FALSE(verify_signature(key, "text", ""));
    EXPECT_FALSE(verify_signature(key, "text", signature + '\0'));
    EXPECT_FALSE(verify_signature(key, "text", signature.substr(1)));
    EXPECT_FALSE(verify_signature(keys->keys().at(1), "text", signature));
  }
}

// CVE-2022-21449: zeros as r and s fit every text, if they are let through.
TEST(Signatures, OfZerosFitNothing) {
  const auto keys = test::keys({test::second_signer().jwk()});
  EXPECT_FALSE(verify_signature(keys->keys().at(0), "text", std::string(64, '\0')));
  std::string half = test::second_signer().sign("text");
  EXPECT_FALSE(verify_signature(keys->keys().at(0), "text", half.replace(0, 32, 32, '\0')));
}

TEST(TenantMetadata, NeedsAnIssuerAndAPlaceForKeys) {
  const auto metadata = parse_metadata(R"({"issuer":"https://a/b/v2.0","jwks_uri":"https://a/keys","x":[1]})");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->issuer, "https://a/b/v2.0");
  EXPECT_EQ(metadata->jwks_uri, "https://a/keys");
  for (const char* document : {"", "{}", R"({"issuer":"a"})", R"({"jwks_uri":"a"})", R"({"issuer":"","jwks_uri":"a"})",
                               R"({"issuer":"a","jwks_uri":1})", R"(["issuer","jwks_uri"])"})
    EXPECT_FALSE(parse_metadata(document)) << document;
}

}  // namespace
}  // namespace spillway::routing
