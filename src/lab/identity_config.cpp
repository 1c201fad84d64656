#include "identity_config.hpp"

#include <fstream>
#include <sstream>

#include "wording.hpp"
#include "yaml_mapping.hpp"

namespace spillway::lab {
namespace {

constexpr Milliseconds shortest_lifetime{1000};

std::string item(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

// A list of mappings, each read by `read`.
template <class Item>
void read_each(Mapping& map, std::string_view key, std::vector<Item>& out, Item (*read)(Mapping)) {
  std::size_t index = 0;
  for (const YAML::Node& node : map.list(key)) {
    out.push_back(read(Mapping(map.problems(), node, map.path_of(item(key, index++)))));
  }
}

// A block that is there even when it says nothing: `imds: {}`.
template <class Read>
void read_block(Mapping& map, std::string_view key, Read read) {
  const auto node = map.take(key);
  if (!node) return;
  Mapping inner(map.problems(), *node, map.path_of(key));
  read(inner);
  inner.finish();
}

// An id that is not given follows from what is, so that it is the same in every run.
void read_principal(Mapping& map, PrincipalConfig& out) {
  map.text("client_id", out.client_id);
  map.text("object_id", out.object_id);
  map.texts("roles", out.roles);
  map.texts("scopes", out.scopes);
  if (out.client_id.empty()) out.client_id = Generator(hash(out.object_id, hash("client id"))).guid();
  if (out.object_id.empty()) out.object_id = Generator(hash(out.client_id, hash("object id"))).guid();
}

ManagedIdentityConfig read_managed_identity(Mapping map) {
  ManagedIdentityConfig out;
  read_principal(map, out.principal);
  map.text("resource_id", out.resource_id);
  map.flag("system", out.system);
  map.finish();
  return out;
}

FederationConfig read_federation(Mapping map) {
  FederationConfig out;
  map.text("issuer", out.issuer);
  map.text("subject", out.subject);
  map.text("audience", out.audience);
  map.finish();
  return out;
}

ApplicationConfig read_application(Mapping map) {
  ApplicationConfig out;
  if (!map.has("client_id")) map.wrong("client_id", map.node(), "is missing");
  read_principal(map, out.principal);
  map.texts("secrets", out.secrets);
  read_each(map, "federated", out.federated, read_federation);
  std::string file;
  map.text("certificate", file);
  if (!file.empty()) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (in) text << in.rdbuf();
    out.certificate = ClientCertificate::read(text.str());
    if (!out.certificate) map.wrong("certificate", *map.take("certificate"), "no PEM certificate can be read there");
  }
  map.finish();
  return out;
}

void read_tokens(Mapping& map, TokenConfig& out) {
  map.text("tenant", out.tenant);
  map.text("issuer", out.issuer);
  map.text("v1_issuer", out.v1_issuer);
  std::int64_t version = out.version;
  map.whole("token_version", version, 1, 2);
  out.version = static_cast<int>(version);
  if (const auto found = map.word("algorithm", {"RS256", "ES256"})) out.algorithm = static_cast<Algorithm>(*found);
  map.duration("expires_in", out.lifetime, shortest_lifetime);
  Milliseconds refresh{0};
  map.duration("refresh_in", refresh, shortest_lifetime);
  if (refresh.count() > 0) out.refresh_in = refresh;
}

void read_key_vault(Mapping& map, KeyVaultConfig& out) {
  map.endpoint("address", out.address);
  map.text("resource", out.resource);
  map.texts("readers", out.readers);
  const auto secrets = map.take("secrets");
  if (!secrets) return;
  Mapping inner(map.problems(), *secrets, map.path_of("secrets"));
  for (const auto& entry : inner.node()) {
    if (!entry.first.IsScalar()) continue;
    const std::string& name = entry.first.Scalar();
    if (!is_secret_name(name)) inner.wrong(name, entry.first, "a name is 1 to 127 letters, digits and hyphens");
    inner.text(name, out.secrets[name], true);
  }
}

}  // namespace

bool is_secret_name(std::string_view name) noexcept {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  return !name.empty() && name.size() <= 127 && name.find_first_not_of(allowed) == std::string_view::npos;
}

IdentityConfig read_identity(Mapping map) {
  IdentityConfig out;
  read_tokens(map, out.tokens);
  read_each(map, "managed_identities", out.managed_identities, read_managed_identity);
  if (out.managed_identities.empty()) {
    out.managed_identities.emplace_back();
    PrincipalConfig& machine = out.managed_identities.back().principal;
    machine.client_id = Generator(hash("client id of the machine")).guid();
    machine.object_id = Generator(hash("object id of the machine")).guid();
    out.managed_identities.back().system = true;
  }
  read_each(map, "applications", out.applications, read_application);
  read_block(map, "imds", [&](Mapping& block) { block.endpoint("address", out.imds.emplace()); });
  read_block(map, "app_service", [&](Mapping& block) {
    block.endpoint("address", out.app_service.emplace().address);
    block.text("header", out.app_service->header);
  });
  read_block(map, "arc", [&](Mapping& block) {
    block.endpoint("address", out.arc.emplace().address);
    block.text("key_folder", out.arc->key_folder);
  });
  read_block(map, "entra", [&](Mapping& block) { block.endpoint("address", out.entra.emplace()); });
  read_block(map, "key_vault", [&](Mapping& block) { read_key_vault(block, out.key_vault.emplace()); });
  map.finish();
  return out;
}

std::vector<Endpoint> addresses_of(const IdentityConfig& config) {
  std::vector<Endpoint> out;
  if (config.imds) out.push_back(*config.imds);
  if (config.app_service) out.push_back(config.app_service->address);
  if (config.arc) out.push_back(config.arc->address);
  if (config.entra) out.push_back(*config.entra);
  if (config.key_vault) out.push_back(config.key_vault->address);
  return out;
}

}  // namespace spillway::lab
