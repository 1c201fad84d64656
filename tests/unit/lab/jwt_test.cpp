#include "lab/jwt.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/certificate.hpp"

namespace spillway::lab {
namespace {

TEST(Base64Url, IsTheAlphabetOfUrlsWithoutPadding) {
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(decode_base64url("-_8"), "\xfb\xff");
  for (const std::string_view text : {"a", "ab", "abc", "abcd"}) {
    EXPECT_EQ(decode_base64url(base64url(text)), text);
  }
}

TEST(Base64Url, HasOneSpellingOnly) {
  for (const char* text : {"-_9", "-_8=", "+/8", "A", "-_8 "}) EXPECT_FALSE(decode_base64url(text)) << text;
}

class JwtOf : public ::testing::TestWithParam<Algorithm> {};

TEST_P(JwtOf, IsVerifiedByItsKeyAndByNoOther) {
  const SigningKey key = SigningKey::generate(GetParam());
  const SigningKey other = SigningKey::generate(GetParam());
  const auto jwt = read_jwt(make_jwt({{"aud", "a"}}, key, {{"x5t", "t"}}));
  ASSERT_TRUE(jwt);
  EXPECT_EQ(jwt->kid(), key.kid());
  EXPECT_EQ(jwt->algorithm(), name(GetParam()));
  EXPECT_EQ(text_of(member(jwt->header, "x5t")), "t");
  EXPECT_TRUE(key.verifies(GetParam(), jwt->signed_text, jwt->signature));
  EXPECT_FALSE(other.verifies(GetParam(), jwt->signed_text, jwt->signature));
  EXPECT_FALSE(key.verifies(GetParam(), jwt->signed_text + "A", jwt->signature));
  EXPECT_FALSE(key.verifies(GetParam(), jwt->signed_text, ""));
  const Algorithm of_another_kind = GetParam() == Algorithm::es256 ? Algorithm::rs256 : Algorithm::es256;
  EXPECT_FALSE(key.verifies(of_another_kind, jwt->signed_text, jwt->signature));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, JwtOf, ::testing::Values(Algorithm::rs256, Algorithm::es256, Algorithm::ps256),
                         [](const auto& algorithm) { return std::string(name(algorithm.param)); });

TEST(Jwt, IsThreePartsOfWhichTwoAreObjects) {
  const std::string object = base64url("{}");
  EXPECT_TRUE(read_jwt(object + "." + object + "."));
  for (const std::string& text :
       {object, object + "." + object, "." + object + ".", object + "." + base64url("5") + ".",
        object + "." + object + ".=", object + "." + object + ".."}) {
    EXPECT_FALSE(read_jwt(text)) << text;
  }
  EXPECT_FALSE(has_jwt_shape("a-key"));
}

TEST(Jwt, AnAudienceIsATextOrAList) {
  EXPECT_TRUE(has_audience({{"aud", "https://a"}}, "https://a/"));
  EXPECT_TRUE(has_audience({{"aud", {"x", "https://a"}}}, "https://a"));
  EXPECT_FALSE(has_audience({{"aud", "https://ab"}}, "https://a"));
  EXPECT_FALSE(has_audience(Json::object(), "https://a"));
}

TEST(Jose, KeysArePublishedWithTheirNumbers) {
  const Json rsa = SigningKey::generate(Algorithm::rs256).jwk();
  EXPECT_EQ(text_of(member(rsa, "kty")), "RSA");
  EXPECT_EQ(text_of(member(rsa, "e")), "AQAB");
  EXPECT_EQ(decode_base64url(text_of(member(rsa, "n")))->size(), 256U);
  const Json ec = SigningKey::generate(Algorithm::es256).jwk();
  EXPECT_EQ(text_of(member(ec, "crv")), "P-256");
  EXPECT_EQ(decode_base64url(text_of(member(ec, "x")))->size(), 32U);
  EXPECT_EQ(decode_base64url(text_of(member(ec, "y")))->size(), 32U);
}

TEST(Jose, ACertificateVerifiesWhatItsKeySigned) {
  const SelfSigned pair = self_signed_certificate();
  const auto certificate = ClientCertificate::read(pair.certificate);
  const auto key = SigningKey::read(pair.private_key, Algorithm::es256);
  ASSERT_TRUE(certificate && key);
  EXPECT_TRUE(certificate->key.verifies(Algorithm::es256, "text", key->sign("text")));
  EXPECT_EQ(decode_base64url(certificate->sha1)->size(), 20U);
  EXPECT_EQ(decode_base64url(certificate->sha256)->size(), 32U);
  EXPECT_FALSE(ClientCertificate::read("no certificate"));
  EXPECT_FALSE(SigningKey::read("no key", Algorithm::es256));
}

}  // namespace
}  // namespace spillway::lab
