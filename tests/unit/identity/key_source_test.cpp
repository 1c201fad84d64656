#include "identity/key_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "token_fixture.hpp"

namespace spillway::identity {
namespace {

using testing::HasSubstr;

HttpAnswer answer(int status, std::string body) {
  HttpAnswer made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

KeysPlace place(const std::string& jwks_uri, const std::string& authority = "https://login.example") {
  const std::string metadata = R"({"issuer":"https://login.example/t/v2.0","jwks_uri":")" + jwks_uri + "\"}";
  return keys_place(answer(200, metadata), config::parse_url(authority).value());
}

TEST(TenantMetadata, IsAskedForUnderTheAuthority) {
  const HttpRequest plain = metadata_request({"https://login.microsoftonline.us", "contoso.com"});
  EXPECT_EQ(plain.method, "GET");
  EXPECT_EQ(plain.url.text(), "https://login.microsoftonline.us");
  EXPECT_EQ(plain.path, "/contoso.com/v2.0/.well-known/openid-configuration");
  EXPECT_EQ(metadata_request({"https://login.example:444/adfs", "t"}).path,
            "/adfs/t/v2.0/.well-known/openid-configuration");
}

TEST(TenantMetadata, SaysWhereTheKeysAre) {
  const KeysPlace keys = place("https://keys.example:444/a/keys?appid=b");
  EXPECT_EQ(keys.problem, "");
  EXPECT_EQ(keys.issuer, "https://login.example/t/v2.0");
  EXPECT_EQ(keys.request.method, "GET");
  EXPECT_EQ(keys.request.url.authority(), "keys.example:444");
  EXPECT_EQ(keys.request.path, "/a/keys");
  EXPECT_EQ(keys.request.query, "appid=b");
  EXPECT_EQ(place("https://keys.example").request.path, "/");
  EXPECT_EQ(place("https://keys.example/a/").request.path, "/a/");
}

TEST(TenantMetadata, MayNotLeadToKeysWithoutEncryption) {
  const std::string refused = "the jwks_uri of its metadata is without encryption (https)";
  EXPECT_EQ(place("http://login.example/keys").problem, refused) << "the metadata came with encryption";
  EXPECT_EQ(place("http://login.example:443/keys").problem, refused);
  EXPECT_EQ(place("http://other.example:81/keys", "http://127.0.0.1:81").problem, refused);
  EXPECT_EQ(place("http://127.0.0.1:82/keys", "http://127.0.0.1:81").problem, refused);
  EXPECT_EQ(place("http://127.0.0.1:81/keys", "http://127.0.0.1:81").problem, "");
  EXPECT_EQ(place("https://other.example/keys", "http://127.0.0.1:81").problem, "");
}

TEST(TenantMetadata, ThatCannotBeUsedIsToldApart) {
  const auto problem = [](const HttpAnswer& metadata) {
    return keys_place(metadata, config::parse_url("https://login.example").value()).problem;
  };
  EXPECT_EQ(problem(answer(200, "{}")), "its metadata has no issuer and jwks_uri");
  EXPECT_EQ(problem(answer(200, "no JSON")), "its metadata has no issuer and jwks_uri");
  EXPECT_THAT(problem(answer(404, R"({"error":"invalid_tenant"})")), HasSubstr("its metadata: status 404"));
  EXPECT_THAT(problem(answer(302, "")), HasSubstr("its metadata: status 302")) << "not followed";
  HttpAnswer none;
  none.problem = "cannot connect";
  EXPECT_EQ(problem(none), "cannot connect");
  for (const char* uri : {"ftp://keys.example/keys", "/keys", "https://user@keys.example/k", "https://keys.example/a#b",
                          "https://keys.example/a?b#c", "https://keys.example/?a b"})
    EXPECT_EQ(place(uri).problem, "the jwks_uri of its metadata is no URL that can be used") << uri;
}

TEST(TenantKeySet, IsReadOrSaidToBeOfNoUse) {
  const KeysAnswer good = read_keys(answer(200, routing::test::jwks({routing::test::first_signer().jwk()})));
  EXPECT_EQ(good.problem, "");
  ASSERT_NE(good.keys, nullptr);
  EXPECT_TRUE(good.keys->has("first"));
  EXPECT_EQ(read_keys(answer(200, R"({"keys":[]})")).problem, "its key set holds no key that can be used");
  EXPECT_EQ(read_keys(answer(200, "<html>")).problem, "its key set holds no key that can be used");
  EXPECT_THAT(read_keys(answer(500, "")).problem, HasSubstr("its keys: status 500"));
}

}  // namespace
}  // namespace spillway::identity
