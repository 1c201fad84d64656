#include "lab/identity_config.hpp"

#include <gtest/gtest.h>

#include "lab/lab_config.hpp"

namespace spillway::lab {
namespace {

constexpr char resource[] = "resources: [{name: e, region: E, tokens: true, deployments: [{name: a}]}]\n";

std::vector<std::string> problems(const std::string& identity) {
  std::vector<std::string> lines;
  for (const LabProblem& problem : load_lab_text(resource + identity).problems) lines.push_back(format(problem, "f"));
  return lines;
}

TEST(IdentityConfig, FillsInDefaults) {
  const LoadedLab loaded = load_lab_text(std::string(resource) + "identity: {imds: {}, entra: {}}\n");
  for (const LabProblem& problem : loaded.problems) ADD_FAILURE() << format(problem, "f");
  const IdentityConfig& config = *loaded.config.identity;
  EXPECT_TRUE(config.imds && config.entra);
  EXPECT_FALSE(config.app_service || config.arc || config.key_vault);
  ASSERT_EQ(config.managed_identities.size(), 1U);
  EXPECT_TRUE(config.managed_identities[0].system);
  EXPECT_EQ(config.managed_identities[0].principal.client_id.size(), 36U);
  EXPECT_EQ(config.tokens.tenant.size(), 36U);
  EXPECT_EQ(config.tokens.lifetime, Milliseconds{3'600'000});
  EXPECT_TRUE(loaded.config.resources[0].keys.empty());
  EXPECT_EQ(loaded.config.resources[0].audiences.size(), 2U);
}

TEST(IdentityConfig, ReadsEveryKey) {
  const LoadedLab loaded = load_lab_text(R"(
resources:
  - {name: e, region: E, tokens: true, principals: [c], audiences: [a], deployments: [{name: a}]}
identity:
  tenant: t
  issuer: i
  v1_issuer: j
  token_version: 2
  algorithm: ES256
  expires_in: 5s
  refresh_in: 2s
  managed_identities:
    - {client_id: c, object_id: o, resource_id: r, roles: [x], system: true}
  applications:
    - {client_id: d, secrets: [s], roles: [y], scopes: [z], federated: [{issuer: u, subject: v, audience: w}]}
  imds: {address: 127.0.0.1:9721}
  app_service: {address: 127.0.0.1:9722, header: h}
  arc: {address: 127.0.0.1:9723, key_folder: keys}
  entra: {address: 127.0.0.1:9724}
  key_vault: {address: 127.0.0.1:9725, resource: q, readers: [c], secrets: {one: a, two: b}}
)");
  for (const LabProblem& problem : loaded.problems) ADD_FAILURE() << format(problem, "f");
  EXPECT_EQ(loaded.config.resources[0].principals, std::vector<std::string>{"c"});
  EXPECT_EQ(loaded.config.resources[0].audiences, std::vector<std::string>{"a"});
  const IdentityConfig& config = *loaded.config.identity;
  EXPECT_EQ(config.tokens.tenant + config.tokens.issuer + config.tokens.v1_issuer, "tij");
  EXPECT_EQ(config.tokens.version, 2);
  EXPECT_EQ(config.tokens.algorithm, Algorithm::es256);
  EXPECT_EQ(config.tokens.lifetime, Milliseconds{5000});
  EXPECT_EQ(config.tokens.refresh_in, Milliseconds{2000});
  EXPECT_EQ(config.managed_identities[0].resource_id, "r");
  EXPECT_EQ(config.managed_identities[0].principal.roles, std::vector<std::string>{"x"});
  EXPECT_EQ(config.applications[0].principal.scopes, std::vector<std::string>{"z"});
  EXPECT_EQ(config.applications[0].secrets, std::vector<std::string>{"s"});
  EXPECT_EQ(config.applications[0].federated[0].audience, "w");
  EXPECT_EQ(config.app_service->header, "h");
  EXPECT_EQ(config.arc->key_folder, "keys");
  EXPECT_EQ(config.key_vault->secrets.at("two"), "b");
  EXPECT_EQ(addresses_of(config).size(), 5U);
}

TEST(IdentityConfig, NamesEveryProblemWithItsPlace) {
  EXPECT_EQ(problems(""), std::vector<std::string>{"f:1:1: resources[0].tokens: needs an identity block"});
  EXPECT_EQ(problems(R"(identity:
  algorithm: HS256
  token_version: 3
  expires_in: 10ms
  applications:
    - {secrets: ""}
    - {client_id: c, certificate: /does/not/exist.pem}
  imds: {adress: 127.0.0.1:1}
  entra: {address: 127.0.0.1:2}
  key_vault: {address: 127.0.0.1:2, secrets: {a_b: v}}
)"),
            (std::vector<std::string>{
                "f:3:3: identity: an address is used twice: 127.0.0.1:2",
                "f:3:14: identity.algorithm: 'HS256' is not RS256 or ES256",
                "f:4:18: identity.token_version: '3' is not a whole number from 1 to 2",
                "f:5:15: identity.expires_in: '10ms' is not a duration of at least 1s (such as 250ms, 10s or PT10S)",
                "f:7:7: identity.applications[0].client_id: is missing",
                "f:7:17: identity.applications[0].secrets: must be a list",
                "f:8:35: identity.applications[1].certificate: no PEM certificate can be read there",
                "f:9:10: identity.imds.adress: unknown key (did you mean 'address'?)",
                "f:11:47: identity.key_vault.secrets.a_b: a name is 1 to 127 letters, digits and hyphens",
            }));
}

}  // namespace
}  // namespace spillway::lab
