#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificate.hpp"
#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;

const test::Map azure = {{"AZURE_TENANT_ID", "tenant-1"},
                         {"AZURE_CLIENT_ID", "client-1"},
                         {"AZURE_FEDERATED_TOKEN_FILE", "/var/run/token"},
                         {"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"}};

Loaded with(const std::string& auth, const test::Map& variables = {}, const test::Map& contents = {}) {
  return test::load(test::with_backend(", auth: {" + auth + "}"), variables, contents);
}

Lines wrong(const std::string& auth, const test::Map& variables = {}, const test::Map& contents = {}) {
  return test::lines(with(auth, variables, contents).problems);
}

template <class T>
T identity(const std::string& auth, const test::Map& variables = {}, const test::Map& contents = {}) {
  const Loaded loaded = with(auth, variables, contents);
  EXPECT_EQ(test::lines(loaded.problems), Lines{}) << auth;
  if (!loaded.config) return {};
  const BackendAuth& found = loaded.config->backends.at(0).auth;
  EXPECT_EQ(found.kind, AuthKind::token);
  const T* typed = found.identity ? std::get_if<T>(&*found.identity) : nullptr;
  EXPECT_NE(typed, nullptr);
  return typed != nullptr ? *typed : T{};
}

TEST(Identities, OfThePlatformNeedNothing) {
  const auto system = identity<ManagedIdentity>("managed_identity: {}");
  EXPECT_EQ(system, ManagedIdentity());
  EXPECT_EQ(system.resource, "https://cognitiveservices.azure.com");
  EXPECT_EQ(identity<ManagedIdentity>("managed_identity: {client_id: c-1}").client_id, "c-1");
  EXPECT_EQ(identity<ManagedIdentity>("managed_identity: {object_id: o-1}").object_id, "o-1");
  EXPECT_EQ(identity<ManagedIdentity>("managed_identity: {resource_id: /subscriptions/s}").resource_id,
            "/subscriptions/s");
  EXPECT_EQ(identity<ManagedIdentity>("managed_identity: {resource: 'https://ai.azure.com'}").resource,
            "https://ai.azure.com");
}

TEST(Identities, OfThePlatformAreNamedInOneWay) {
  EXPECT_THAT(
      wrong("managed_identity: {client_id: c, resource_id: /r}"),
      ElementsAre("f.yaml:4:68: backends[0].auth.managed_identity: client_id and resource_id exclude each other "
                  "(give at most one)"));
  EXPECT_THAT(wrong("managed_identity: {clientid: c}"),
              ElementsAre("f.yaml:4:69: backends[0].auth.managed_identity.clientid: unknown key (did you mean "
                          "\"client_id\"?)"));
  EXPECT_THAT(wrong("managed_identity: {client_id: 'a b'}"),
              ElementsAre("f.yaml:4:80: backends[0].auth.managed_identity.client_id: \"a b\" is not an id of Entra ID "
                          "(such as 72f988bf-86f1-41af-91ab-2d7cd011db47 or contoso.onmicrosoft.com)"));
  EXPECT_THAT(test::lines(with("managed_identity: {authority: 'https://a.example'}").warnings),
              ElementsAre("f.yaml:4:80: backends[0].auth.managed_identity.authority: has no effect (the platform knows "
                          "who issues its tokens)"));
}

TEST(Identities, AskForAResourceNotForAScope) {
  EXPECT_THAT(wrong("managed_identity: {resource: 'https://ai.azure.com/.default'}"),
              ElementsAre("f.yaml:4:79: backends[0].auth.managed_identity.resource: "
                          "\"https://ai.azure.com/.default\" is a scope (leave /.default out)"));
}

TEST(Identities, OfTheClusterComeFromTheEnvironment) {
  const auto found = identity<WorkloadIdentity>("workload_identity: {}", azure, {{"/var/run/token", "t"}});
  EXPECT_EQ(found.tenant_id, "tenant-1");
  EXPECT_EQ(found.client_id, "client-1");
  EXPECT_EQ(found.token_file, "/var/run/token");
  EXPECT_EQ(found.authority.text(), "https://login.microsoftonline.us");
}

TEST(Identities, OfTheClusterMayBeWrittenOut) {
  const auto found = identity<WorkloadIdentity>(
      "workload_identity: {tenant_id: t, client_id: c, token_file: /f, authority: 'https://login.example'}", azure,
      {{"/f", "t"}});
  EXPECT_EQ(found.tenant_id, "t");
  EXPECT_EQ(found.client_id, "c");
  EXPECT_EQ(found.token_file, "/f");
  EXPECT_EQ(found.authority.text(), "https://login.example");
}

TEST(Identities, SayWhichVariableIsMissing) {
  EXPECT_THAT(wrong("workload_identity: {}"),
              ElementsAre("f.yaml:4:69: backends[0].auth.workload_identity.tenant_id: missing (give it, or set "
                          "AZURE_TENANT_ID)",
                          "f.yaml:4:69: backends[0].auth.workload_identity.client_id: missing (give it, or set "
                          "AZURE_CLIENT_ID)",
                          "f.yaml:4:69: backends[0].auth.workload_identity.token_file: missing (give it, or set "
                          "AZURE_FEDERATED_TOKEN_FILE)"));
}

TEST(Identities, JudgeTheEnvironmentAsTheFileWithoutShowingIt) {
  test::Map variables = azure;
  variables["AZURE_TENANT_ID"] = "not a tenant";
  const Lines found = wrong("workload_identity: {}", variables, {{"/var/run/token", "t"}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], testing::HasSubstr("workload_identity.AZURE_TENANT_ID: the value is not an id of Entra ID"));
  EXPECT_THAT(found[0], testing::Not(testing::HasSubstr("not a tenant")));
}

TEST(Identities, WarnOfATokenFileThatIsNotThere) {
  EXPECT_THAT(test::lines(with("workload_identity: {}", azure).warnings),
              ElementsAre("f.yaml:4:69: backends[0].auth.workload_identity: the token file cannot be read now: No such "
                          "file or directory (it is read each time it is needed)"));
}

TEST(Identities, OfApplicationsHaveASecret) {
  const auto found =
      identity<ClientSecret>("client_secret: {tenant_id: t, client_id: c, secret: '${S}'}", {{"S", "hidden"}});
  EXPECT_EQ(found.secret.reveal(), "hidden");
  EXPECT_EQ(found.authority.text(), "https://login.microsoftonline.com");
  EXPECT_THAT(wrong("client_secret: {tenant_id: t, client_id: c, secret: '${S:-}'}"),
              ElementsAre("f.yaml:4:102: backends[0].auth.client_secret.secret: is empty"));
  EXPECT_THAT(wrong("client_secret: {}"),
              ElementsAre("f.yaml:4:65: backends[0].auth.client_secret.tenant_id: missing (id)",
                          "f.yaml:4:65: backends[0].auth.client_secret.client_id: missing (id)",
                          "f.yaml:4:65: backends[0].auth.client_secret.secret: missing (secret)"));
}

TEST(Identities, WarnOfAnAuthorityWithoutEncryption) {
  const std::string keys = "client_secret: {tenant_id: t, client_id: c, secret: s, authority: 'http://";
  EXPECT_EQ(test::lines(with(keys + "127.0.0.1:1'}").warnings), Lines{});
  EXPECT_THAT(test::lines(with(keys + "login.example'}").warnings),
              ElementsAre("f.yaml:4:116: backends[0].auth.client_secret.authority: the authority is spoken to without "
                          "encryption (use https)"));
}

TEST(Identities, OfApplicationsHaveARsaCertificate) {
  const std::string keys = "client_certificate: {tenant_id: t, client_id: c, certificate: /c.pem, private_key: /k.pem}";
  const test::Certificate rsa = test::make_rsa_certificate();
  const test::Certificate curve = test::make_certificate();
  const auto found = identity<ClientCertificate>(keys, {}, {{"/c.pem", rsa.certificate}, {"/k.pem", rsa.key}});
  EXPECT_EQ(found.certificate, "/c.pem");
  EXPECT_EQ(found.private_key, "/k.pem");
  EXPECT_THAT(wrong(keys, {}, {{"/c.pem", curve.certificate}, {"/k.pem", curve.key}}),
              ElementsAre("f.yaml:4:133: backends[0].auth.client_certificate.private_key: the file holds no RSA key "
                          "(Entra ID takes no other)"));
  EXPECT_THAT(
      wrong(keys, {}, {{"/c.pem", curve.certificate}, {"/k.pem", rsa.key}}),
      ElementsAre("f.yaml:4:133: backends[0].auth.client_certificate.private_key: the key does not belong to the "
                  "certificate (the file's first certificate is the client's own)"));
}

TEST(Identities, ExcludeEachOther) {
  EXPECT_THAT(
      wrong("managed_identity: {}, api_key: k"),
      ElementsAre("f.yaml:4:49: backends[0].auth: api_key and managed_identity exclude each other (give exactly "
                  "one)"));
}

}  // namespace
}  // namespace spillway::config
