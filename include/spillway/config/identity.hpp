#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "spillway/base/time.hpp"
#include "spillway/config/secret.hpp"

// Who the gateway is to backends and to Key Vault.
namespace spillway::config {

struct BackendUrl {
  bool tls = true;
  std::string host;  // a name or a literal address, without brackets
  std::uint16_t port = 443;
  std::string path_prefix;  // empty, or `/prefix` without a trailing slash

  std::string authority() const;  // for the Host field: port left out when it is the scheme's own
  std::string text() const;       // `https://HOST/prefix`
  bool is_loopback() const;
  bool operator==(const BackendUrl&) const = default;
};

// A URL as the file may hold it: http or https, a host, perhaps a port and a path; no query, no fragment, no user.
std::optional<BackendUrl> parse_url(std::string_view text);

// The audience of access tokens for Azure OpenAI, and who issues them in the public cloud.
inline constexpr std::string_view default_resource = "https://cognitiveservices.azure.com";
inline constexpr std::string_view default_authority = "https://login.microsoftonline.com";

// What the platform the gateway runs on says it is. At most one of the ids is set; none of them = the identity of the
// machine or app itself.
struct ManagedIdentity {
  std::string client_id;
  std::string object_id;
  std::string resource_id;
  std::string resource{default_resource};

  bool operator==(const ManagedIdentity&) const = default;
};

// A token file of the cluster, exchanged for an access token.
struct WorkloadIdentity {
  std::string tenant_id;
  std::string client_id;
  std::string token_file;
  std::string resource{default_resource};
  BackendUrl authority;

  bool operator==(const WorkloadIdentity&) const = default;
};

struct ClientSecret {
  std::string tenant_id;
  std::string client_id;
  Secret secret;
  std::string resource{default_resource};
  BackendUrl authority;

  bool operator==(const ClientSecret&) const = default;
};

struct ClientCertificate {
  std::string tenant_id;
  std::string client_id;
  std::string certificate;  // PEM file; the first one is the client's own
  std::string private_key;  // PEM file, RSA
  std::string resource{default_resource};
  BackendUrl authority;

  bool operator==(const ClientCertificate&) const = default;
};

// Ways to get an access token of Entra ID.
using Identity = std::variant<ManagedIdentity, WorkloadIdentity, ClientSecret, ClientCertificate>;

// A secret of Azure Key Vault, as `${keyvault:URL}` names it.
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
struct VaultSecret {
  BackendUrl vault;     // without a path
  std::string name;     // 1 to 127 letters, digits and `-`
  std::string version;  // 32 hexadecimal digits; empty = the current one

  std::string path() const;  // `/secrets/NAME` or `/secrets/NAME/VERSION`
  std::string text() const;  // its URL
  bool operator==(const VaultSecret&) const = default;
};
// Nothing when it is no such URL.
std::optional<VaultSecret> parse_vault_secret(std::string_view url);

// How secrets are fetched from Key Vault.
struct KeyVault {
  std::optional<Identity> identity;        // always set in a configuration that was loaded
  std::string suffix = "vault.azure.net";  // of the names of vaults: the token goes nowhere else
  Milliseconds poll_interval{300'000};
  Milliseconds wait{30'000};  // for the first value of a secret, at start and in a reload

  bool operator==(const KeyVault&) const = default;
};

}  // namespace spillway::config
