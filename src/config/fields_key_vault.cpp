#include "fields.hpp"

namespace spillway::config {
namespace {

constexpr Milliseconds shortest_poll{100};

void check_auth(Reader& reader, const Place& place, KeyVaultAuth&) {
  std::vector<std::string_view> given;
  for (const std::string_view key : table<KeyVaultAuth>().keys()) {
    if (place.find(key)) given.push_back(key);
  }
  if (given.size() > 1) {
    reader.problem(place,
                   std::string(given[0]) + " and " + std::string(given[1]) + " exclude each other (give exactly one)");
  } else if (given.empty() && reader.clean(place)) {
    reader.problem(place, "says nothing (give exactly one of " + joined(table<KeyVaultAuth>().keys()) + ")");
  } else if (const auto secret = place.find("client_secret");
             secret && secret->find("secret") && secret->find("secret")->node->from_vault) {
    reader.problem(*secret->find("secret"), "is needed to open the vault (take it from ${file:/path} or ${NAME})");
  }
}

template <class T>
Field<KeyVaultAuth> identity_field(std::string key, std::string meaning) {
  return field<KeyVaultAuth>(
      std::move(key), [](KeyVaultAuth& auth, T identity) { auth.identity = std::move(identity); }, section<T>(),
      std::move(meaning));
}

bool names_resource(const Place& key_vault) {
  const auto auth = key_vault.find("auth");
  if (!auth || auth->node->kind != Node::Kind::map) return false;
  for (const Entry& entry : auth->node->entries) {
    if (entry.value->kind == Node::Kind::map && entry.value->find("resource") != nullptr) return true;
  }
  return false;
}

// The identity's token must not be sent to a host that somebody else owns.
bool is_of(const std::string& host, const std::string& suffix) {
  return host == suffix || host.ends_with("." + suffix);
}

}  // namespace

void complete_key_vault(Reader& reader, Config& config) {
  const auto place = reader.root().find("key_vault");
  if (!place && reader.vault_secrets().empty()) return;
  if (place && reader.vault_secrets().empty())
    reader.warn(*place, "has no effect (nothing in the file is ${keyvault:...})");
  if (!config.key_vault) config.key_vault.emplace();
  KeyVault& vault = *config.key_vault;
  if (!vault.identity) vault.identity = default_identity(reader);
  if (!place || !names_resource(*place))
    std::visit([&](auto& identity) { identity.resource = "https://" + vault.suffix; }, *vault.identity);
  for (const UsedVaultSecret& used : reader.vault_secrets()) {
    Problem problem = used.where;
    const BackendUrl& url = used.secret.vault;
    if (!is_of(url.host, vault.suffix))
      problem.message = "the vault " + url.host + " is none of *." + vault.suffix + " (key_vault.suffix names others)";
    else if (!url.tls && !url.is_loopback())
      problem.message = "the vault would be spoken to without encryption (use https)";
    if (!problem.message.empty()) reader.report(std::move(problem));
  }
}

template <>
const Table<KeyVault>& table() {
  static const auto keys =
      Table<KeyVault>(
          {
              field<KeyVault>(
                  "auth", [](KeyVault& vault, KeyVaultAuth auth) { vault.identity = std::move(auth.identity); },
                  section<KeyVaultAuth>(), "Who the gateway is to the vault.")
                  .otherwise("workload identity where its variables are set, else the platform's managed identity, "
                             "`AZURE_CLIENT_ID` if set"),
              field("suffix", &KeyVault::suffix, host_name(),
                    "What the names of vaults end with: `vault.azure.cn`, `vault.usgovcloudapi.net` in sovereign "
                    "clouds. Tokens are sent nowhere else, and are for `https://` and this."),
              field("poll_interval", &KeyVault::poll_interval, duration(shortest_poll),
                    "How often each secret is looked at for a new value."),
              field("wait", &KeyVault::wait, duration(),
                    "How long a start, or a reload that names new secrets, waits for their values."),
          })
          .with_intro(
              "A new value is in force without a restart. When the vault cannot be reached, the values that are there "
              "stay in force.");
  return keys;
}

template <>
const Table<KeyVaultAuth>& table() {
  static const auto keys =
      Table<KeyVaultAuth>(
          {
              identity_field<ManagedIdentity>("managed_identity", "As of a backend."),
              identity_field<WorkloadIdentity>("workload_identity", "As of a backend."),
              identity_field<ClientSecret>("client_secret", "As of a backend; its secret is not in the vault."),
              identity_field<ClientCertificate>("client_certificate", "As of a backend."),
          })
          .with_intro("Exactly one of the keys. Their `resource` is the vault's when it is not given.")
          .with_check(check_auth)
          .holding_secrets();
  return keys;
}

}  // namespace spillway::config
