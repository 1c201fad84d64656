#include "identity_fixture.hpp"

namespace spillway::lab {
namespace {

class KeyVaultTest : public IdentityTest {
 protected:
  explicit KeyVaultTest(const IdentityConfig& config = standard()) : IdentityTest(config) {}

  Answer get(const std::string& path, const std::string& bearer) {
    return send("key_vault", "GET", path + "?api-version=7.4", {{"Authorization", bearer}});
  }
  Answer get(const std::string& path) {
    const std::string bearer = "Bearer " + token(R"({"audience":"https://vault.azure.net","client_id":"me"})");
    return get(path, bearer);
  }
  static std::string code(const Answer& answer) { return text_of(member(member(parsed(answer), "error"), "code")); }
  static std::string message(const Answer& answer) {
    return text_of(member(member(parsed(answer), "error"), "message"));
  }
};

TEST_F(KeyVaultTest, GivesTheCurrentVersion) {
  const Answer answer = get("/secrets/chat-key");
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(text(answer, "value"), "first value");
  EXPECT_EQ(text(answer, "id").find("http://vault.example:4711/secrets/Chat-Key/"), 0U);
  EXPECT_TRUE(is_true(member(member(parsed(answer), "attributes"), "enabled")));
}

TEST_F(KeyVaultTest, ARotatedSecretIsNewAndTheOldVersionStays) {
  const std::string first = text(get("/secrets/Chat-Key/"), "id");
  EXPECT_EQ(order("/identity/secrets", R"({"name":"Chat-Key","value":"second","expires_on":1900000000})").status, 200);
  const Answer second = get("/secrets/Chat-Key");
  EXPECT_EQ(text(second, "value"), "second");
  EXPECT_EQ(number_of(member(member(parsed(second), "attributes"), "exp"), 0), 1'900'000'000);
  EXPECT_EQ(number_of(member(member(parsed(second), "attributes"), "created"), 0), moment.unix_seconds);
  EXPECT_EQ(text(get(first.substr(first.find("/secrets/"))), "value"), "first value");
  identity.reset();
  EXPECT_EQ(text(get("/secrets/Chat-Key"), "value"), "first value");
}

TEST_F(KeyVaultTest, SaysWhatIsNotThere) {
  EXPECT_EQ(code(get("/secrets/other")), "SecretNotFound");
  EXPECT_EQ(get("/secrets/Chat-Key/0123").status, 404);
  EXPECT_EQ(order("/identity/secrets", R"({"name":"Chat-Key","value":null})").status, 200);
  EXPECT_EQ(get("/secrets/Chat-Key").status, 404);
  order("/identity/secrets", R"({"name":"off","value":"v","enabled":false})");
  EXPECT_EQ(get("/secrets/off").status, 403);
  EXPECT_EQ(send("key_vault", "GET", "/secrets/", {}).status, 404);
}

TEST_F(KeyVaultTest, ChallengesWhoeverHasNoGoodToken) {
  const Answer none = send("key_vault", "GET", "/secrets/Chat-Key?api-version=7.4");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.field("WWW-Authenticate"), "Bearer authorization=\"http://127.0.0.1:4711/" +
                                                identity.issuer().tenant() +
                                                "\", resource=\"https://vault.azure.net\"");
  EXPECT_EQ(message(none), "AKV10000: Request is missing a Bearer or PoP token.");
  const Answer wrong = get("/secrets/Chat-Key", "Bearer " + token(R"({"audience":"https://elsewhere"})"));
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(message(wrong), "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://elsewhere.");
  EXPECT_EQ(
      get("/secrets/Chat-Key", "Bearer " + token(R"({"audience":"https://vault.azure.net","flaw":"expired"})")).status,
      401);
}

TEST_F(KeyVaultTest, WantsAVersionOfItsApi) {
  const std::string bearer = "Bearer " + token(R"({"audience":"https://vault.azure.net"})");
  for (const char* query : {"", "?api-version=6.0"}) {
    const Answer answer =
        send("key_vault", "GET", "/secrets/Chat-Key" + std::string(query), {{"Authorization", bearer}});
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(code(answer), "BadParameter");
  }
}

class GuardedKeyVaultTest : public KeyVaultTest {
 protected:
  static IdentityConfig guarded() {
    IdentityConfig config = standard();
    config.key_vault->readers = {"reader"};
    return config;
  }
  GuardedKeyVaultTest() : KeyVaultTest(guarded()) {}
};

TEST_F(GuardedKeyVaultTest, LetsItsReadersInOnly) {
  EXPECT_EQ(get("/secrets/Chat-Key").status, 403);
  EXPECT_EQ(code(get("/secrets/Chat-Key")), "Forbidden");
  const std::string reader = "Bearer " + token(R"({"audience":"https://vault.azure.net","client_id":"reader"})");
  EXPECT_EQ(get("/secrets/Chat-Key", reader).status, 200);
}

}  // namespace
}  // namespace spillway::lab
