#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "endpoint.hpp"
#include "jose.hpp"
#include "spillway/base/time.hpp"

namespace spillway::lab {

class Mapping;

// Someone who is given tokens.
struct PrincipalConfig {
  std::string client_id;
  std::string object_id;
  std::vector<std::string> roles;
  std::vector<std::string> scopes = {};  // with some, tokens are as of a user who lets the application act
};

struct ManagedIdentityConfig {
  PrincipalConfig principal;
  std::string resource_id;
  bool system = false;  // the one that is meant when a request names none
};

// Whose assertions a workload may bring; an empty text matches everything.
struct FederationConfig {
  std::string issuer;
  std::string subject;
  std::string audience = "api://AzureADTokenExchange";
};

struct ApplicationConfig {
  PrincipalConfig principal;
  std::vector<std::string> secrets;
  std::optional<ClientCertificate> certificate;
  std::vector<FederationConfig> federated;
};

struct TokenConfig {
  std::string tenant = "8f1d6a2c-3b57-4c0e-9a41-d2e6b7f05c93";
  std::string issuer;     // of version 2 tokens; empty = Entra's address and the tenant
  std::string v1_issuer;  // empty = https://sts.windows.net/TENANT/
  int version = 1;        // as Azure's own APIs take them
  Algorithm algorithm = Algorithm::rs256;
  Milliseconds lifetime{3'600'000};
  std::optional<Milliseconds> refresh_in;
};

struct AppServiceConfig {
  Endpoint address;
  std::string header = "app-service-header";
};

struct ArcConfig {
  Endpoint address;
  std::string key_folder;  // empty = one of the simulator's own
};

struct KeyVaultConfig {
  Endpoint address;
  std::string resource = "https://vault.azure.net";
  std::vector<std::string> readers;  // client ids; none = everyone with a token
  std::map<std::string, std::string> secrets;
};

// What the `identity` block says.
struct IdentityConfig {
  TokenConfig tokens;
  std::vector<ManagedIdentityConfig> managed_identities;
  std::vector<ApplicationConfig> applications;
  // Those that are there.
  std::optional<Endpoint> imds;
  std::optional<AppServiceConfig> app_service;
  std::optional<ArcConfig> arc;
  std::optional<Endpoint> entra;
  std::optional<KeyVaultConfig> key_vault;
};

// What a vault takes as a secret's name: 1 to 127 letters, digits and hyphens.
bool is_secret_name(std::string_view name) noexcept;

IdentityConfig read_identity(Mapping map);
// Of every service that is there.
std::vector<Endpoint> addresses_of(const IdentityConfig& config);

}  // namespace spillway::lab
