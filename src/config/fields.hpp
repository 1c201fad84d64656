#pragma once

#include "client_keys.hpp"
#include "table.hpp"

namespace spillway::config {

// Maps of the file that have no struct of their own in Config.
struct AdminSection {
  Address address;
};
struct BackendLimits {
  std::uint32_t max_connections = Backend().max_connections;
};
struct KeyVaultAuth {
  std::optional<Identity> identity;
};
struct CertificateSection {
  std::optional<CertificateName> name;
};

// Reports every item whose name an earlier one has.
void check_unique_names(Reader& reader, const std::vector<Place>& items);

// Reports a client that has no way to show who it is.
void check_client_identity(Reader& reader, const Place& client);
// What concerns the tokens and certificates of several clients.
void check_client_identities(Reader& reader, const Config& config);

// The identity that opens the vault when the file names none: what the environment says, else the platform's own.
Identity default_identity(Reader& reader);

// Which vaults may be asked, by whom.
void complete_key_vault(Reader& reader, Config& config);

// What the variables of OpenTelemetry say where the file is silent, and what else stands then.
void complete_tracing(Reader& reader, Config& config);

// Rules between the sections of a whole file, and what follows from them: the implicit route, each backend's circuit
// breaker. The members of a section that had problems hold defaults.
void complete(Reader& reader, Config& config);

// fields_server.cpp
template <>
const Table<Config>& table<Config>();
template <>
const Table<Listener>& table<Listener>();
template <>
const Table<ListenerTls>& table<ListenerTls>();
template <>
const Table<AdminSection>& table<AdminSection>();
template <>
const Table<Limits>& table<Limits>();
template <>
const Table<ClientTimeouts>& table<ClientTimeouts>();
template <>
const Table<ResponseHeaders>& table<ResponseHeaders>();
template <>
const Table<OnExhausted>& table<OnExhausted>();
template <>
const Table<Log>& table<Log>();

// fields_backend.cpp
template <>
const Table<Backend>& table<Backend>();
template <>
const Table<BackendAuth>& table<BackendAuth>();
template <>
const Table<BackendTls>& table<BackendTls>();
template <>
const Table<BackendLimits>& table<BackendLimits>();

// fields_identity.cpp
template <>
const Table<ManagedIdentity>& table<ManagedIdentity>();
template <>
const Table<WorkloadIdentity>& table<WorkloadIdentity>();
template <>
const Table<ClientSecret>& table<ClientSecret>();
template <>
const Table<ClientCertificate>& table<ClientCertificate>();

// fields_key_vault.cpp
template <>
const Table<KeyVault>& table<KeyVault>();
template <>
const Table<KeyVaultAuth>& table<KeyVaultAuth>();

// fields_tracing.cpp
template <>
const Table<Tracing>& table<Tracing>();

// fields_pool.cpp
template <>
const Table<Pool>& table<Pool>();
template <>
const Table<Member>& table<Member>();
template <>
const Table<Affinity>& table<Affinity>();
template <>
const Table<CookieAffinity>& table<CookieAffinity>();
template <>
const Table<PoolTimeouts>& table<PoolTimeouts>();
template <>
const Table<Retry>& table<Retry>();
template <>
const Table<CircuitBreaker>& table<CircuitBreaker>();
template <>
const Table<BreakerRule>& table<BreakerRule>();
template <>
const Table<FailureCondition>& table<FailureCondition>();

// fields_client.cpp
template <>
const Table<Entra>& table<Entra>();
template <>
const Table<CertificateSection>& table<CertificateSection>();

// fields_route.cpp
template <>
const Table<Client>& table<Client>();
template <>
const Table<ClientKeySection>& table<ClientKeySection>();
template <>
const Table<Route>& table<Route>();
template <>
const Table<RouteMatch>& table<RouteMatch>();
template <>
const Table<Deny>& table<Deny>();

}  // namespace spillway::config
