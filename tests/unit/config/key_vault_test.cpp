#include <gmock/gmock.h>

#include "fixture.hpp"

// Secrets that come from Key Vault.
namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string chat_key = "${keyvault:https://contoso.vault.azure.net/secrets/chat-key}";

// A client whose key is `key`; what follows begins in line 5.
std::string with_key(const std::string& key, const std::string& more = "") {
  return test::listeners + test::backends + test::pools + "clients: [{name: app, keys: ['" + key + "']}]\n" + more;
}

template <class T>
T identity_of(const std::string& more, const test::Map& variables = {}) {
  const Loaded loaded = test::load(with_key(chat_key, more), variables, {{"/token", "jwt"}});
  EXPECT_THAT(test::lines(loaded.problems), ElementsAre());
  return std::get<T>(loaded.config->key_vault->identity.value());
}

TEST(KeyVaultSecrets, AreNamedWithTheirPlacesAndChecked) {
  const Loaded loaded = test::load(with_key(chat_key));
  ASSERT_TRUE(loaded.config);
  ASSERT_EQ(loaded.secrets.size(), 1U);
  EXPECT_EQ(loaded.secrets[0].secret.text(), "https://contoso.vault.azure.net/secrets/chat-key");
  EXPECT_EQ(format(loaded.secrets[0].where, "f"), "f:4:30: clients[0].keys[0]: ");
  EXPECT_EQ(loaded.config->key_vault->poll_interval, std::chrono::minutes(5));
}

TEST(KeyVaultSecrets, AreUsedAsTheyWereFetched) {
  Sources sources = test::sources({});
  sources.vault = [](const VaultSecret&) { return "the-key"; };
  const Loaded loaded = load_text(with_key(chat_key), sources);
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->clients[0].keys[0].digest, key_digest("the-key"));
  sources.vault = [](const VaultSecret&) { return "no key\n"; };
  EXPECT_THAT(test::lines(load_text(with_key(chat_key), sources).problems),
              ElementsAre(HasSubstr("f.yaml:4:30: clients[0].keys[0]: holds a character")));
}

TEST(KeyVaultSecrets, HaveStandInsThatDifferSoThatTwoClientsDoNotSeemAlike) {
  const std::string two = test::listeners + test::backends + test::pools + "clients: [{name: a, keys: ['" + chat_key +
                          "']}, {name: b, keys: ['${keyvault:https://contoso.vault.azure.net/secrets/other}']}]\n";
  EXPECT_TRUE(test::load(two).config);
  const std::string same = test::listeners + test::backends + test::pools + "clients: [{name: a, keys: ['" + chat_key +
                           "']}, {name: b, keys: ['" + chat_key + "']}]\n";
  EXPECT_FALSE(test::load(same).config);
  EXPECT_EQ(test::load(same).secrets.size(), 1U);
}

TEST(KeyVaultSecrets, StandOnlyWhereASecretBelongs) {
  EXPECT_THAT(test::problems(with_key("key", "log: {level: '" + chat_key + "'}\n")),
              ElementsAre("f.yaml:5:14: log.level: comes from Key Vault, which is for secrets only (keys, passwords)"));
  EXPECT_THAT(test::problems(with_key("key", "'" + chat_key + "': 1\n")),
              ElementsAre("f.yaml:5:1: a key comes from Key Vault, which is for secrets only (keys, passwords)"));
}

TEST(KeyVaultSecrets, AreAskedForOnlyAtVaultsOfTheCloud) {
  EXPECT_THAT(test::problems(with_key("${keyvault:https://contoso.vault.example/secrets/k}")),
              ElementsAre("f.yaml:4:30: clients[0].keys[0]: the vault contoso.vault.example is none of "
                          "*.vault.azure.net (key_vault.suffix names others)"));
  EXPECT_THAT(test::problems(with_key("${keyvault:https://evilvault.azure.net/secrets/k}")),
              ElementsAre(HasSubstr("is none of *.vault.azure.net")));
  EXPECT_THAT(test::problems(with_key("${keyvault:http://contoso.vault.azure.net/secrets/k}")),
              ElementsAre("f.yaml:4:30: clients[0].keys[0]: the vault would be spoken to without encryption (use "
                          "https)"));
  const std::string china = "${keyvault:https://contoso.vault.azure.cn/secrets/k}";
  EXPECT_THAT(test::problems(with_key(china, "key_vault: {suffix: vault.azure.cn}\n")), ElementsAre());
  EXPECT_THAT(test::problems(with_key("${keyvault:http://127.0.0.1:99/secrets/k}", "key_vault: {suffix: 127.0.0.1}\n")),
              ElementsAre());
}

TEST(KeyVaultSecrets, AreFetchedAsThePlatformSaysUnlessTheFileDoes) {
  EXPECT_EQ(identity_of<ManagedIdentity>("").resource, "https://vault.azure.net");
  EXPECT_EQ(identity_of<ManagedIdentity>("", {{"AZURE_CLIENT_ID", "abc"}}).client_id, "abc");
  const test::Map cluster = {
      {"AZURE_CLIENT_ID", "abc"}, {"AZURE_TENANT_ID", "def"}, {"AZURE_FEDERATED_TOKEN_FILE", "/token"}};
  EXPECT_EQ(identity_of<WorkloadIdentity>("", cluster).tenant_id, "def");
  EXPECT_EQ(identity_of<WorkloadIdentity>("", cluster).resource, "https://vault.azure.net");
  EXPECT_EQ(
      identity_of<ManagedIdentity>("key_vault: {auth: {managed_identity: {client_id: xyz}}}\n", cluster).client_id,
      "xyz");
  const std::string secret = "client_secret: {tenant_id: t, client_id: c, secret: s";
  EXPECT_EQ(identity_of<ClientSecret>("key_vault: {auth: {" + secret + "}}}\n").resource, "https://vault.azure.net");
  EXPECT_EQ(identity_of<ClientSecret>("key_vault: {auth: {" + secret + ", resource: 'https://r'}}}\n").resource,
            "https://r");
}

TEST(KeyVaultSecrets, CannotOpenTheirOwnVault) {
  EXPECT_THAT(
      test::problems(with_key(
          "key", "key_vault: {auth: {client_secret: {tenant_id: t, client_id: c, secret: '" + chat_key + "'}}}\n")),
      ElementsAre("f.yaml:5:72: key_vault.auth.client_secret.secret: is needed to open the vault (take it from "
                  "${file:/path} or ${NAME})"));
}

TEST(KeyVaultSecrets, NeedOneIdentity) {
  EXPECT_THAT(test::problems(with_key(chat_key, "key_vault: {auth: {}}\n")), ElementsAre(HasSubstr("says nothing")));
  EXPECT_THAT(test::problems(with_key(chat_key,
                                      "key_vault: {auth: {managed_identity: {}, client_secret: {tenant_id: t, "
                                      "client_id: c, secret: s}}}\n")),
              ElementsAre(HasSubstr("managed_identity and client_secret exclude each other")));
  EXPECT_THAT(test::lines(test::load(with_key("key", "key_vault: {}\n")).warnings),
              testing::Contains("f.yaml:5:12: key_vault: has no effect (nothing in the file is ${keyvault:...})"));
}

}  // namespace
}  // namespace spillway::config
