#include "certificates.hpp"
#include "fields.hpp"

namespace spillway::config {
namespace {

// A value that the file does not give, from the environment, read as if it stood there. False: there is none.
template <class V>
bool from_environment(Reader& reader, const Place& map, const std::string& variable, const Rule<V>& rule, V& out) {
  const auto value = reader.environment()(variable);
  if (!value || value->empty()) return false;
  Node node(Node::Kind::scalar, map.node->position);
  node.text = *value;
  node.substituted = true;
  rule.read(reader, Place{&node, map.path_of(variable), map.key}, out);
  return true;
}

// The same for one that must come from either.
void require(Reader& reader, const Place& map, const std::string& key, const std::string& variable,
             const Rule<std::string>& rule, std::string& out) {
  if (map.find(key) || from_environment(reader, map, variable, rule, out)) return;
  reader.missing(map, key, "missing (give it, or set " + variable + ")");
}

void complete_authority(Reader& reader, const Place& map, BackendUrl& authority) {
  const auto given = map.find("authority");
  if (!given && !from_environment(reader, map, "AZURE_AUTHORITY_HOST", backend_url(), authority))
    authority = *parse_url(default_authority);
  if (!reader.clean(map) || authority.tls || authority.is_loopback()) return;
  reader.warn(given.value_or(map), "the authority is spoken to without encryption (use https)");
}

void check_managed(Reader& reader, const Place& place, ManagedIdentity&) {
  if (const auto authority = place.find("authority"))
    reader.warn(*authority, "has no effect (the platform knows who issues its tokens)");
  std::vector<std::string_view> ids;
  for (const std::string_view key : {"client_id", "object_id", "resource_id"}) {
    if (place.find(key)) ids.push_back(key);
  }
  if (ids.size() < 2) return;
  reader.problem(place, std::string(ids[0]) + " and " + std::string(ids[1]) + " exclude each other (give at most one)");
}

void check_workload(Reader& reader, const Place& place, WorkloadIdentity& identity) {
  require(reader, place, "tenant_id", "AZURE_TENANT_ID", directory_id(), identity.tenant_id);
  require(reader, place, "client_id", "AZURE_CLIENT_ID", directory_id(), identity.client_id);
  require(reader, place, "token_file", "AZURE_FEDERATED_TOKEN_FILE", file_name(), identity.token_file);
  complete_authority(reader, place, identity.authority);
  if (!reader.clean(place)) return;
  const Result<std::string> token = reader.peek_file(identity.token_file);
  if (token) return;
  reader.warn(place.find("token_file").value_or(place),
              "the token file cannot be read now: " + token.error().message() + " (it is read each time it is needed)");
}

void check_secret(Reader& reader, const Place& place, ClientSecret& identity) {
  const auto secret = place.find("secret");
  if (secret && reader.clean(*secret) && identity.secret.empty()) reader.problem(*secret, "is empty");
  complete_authority(reader, place, identity.authority);
}

void check_certificate(Reader& reader, const Place& place, ClientCertificate& identity) {
  const auto certificate = place.find("certificate");
  const auto key = place.find("private_key");
  complete_authority(reader, place, identity.authority);
  if (!certificate || !key || !reader.clean(*certificate) || !reader.clean(*key)) return;
  const Result<std::string> certificate_pem = reader.read_file(*certificate, identity.certificate, false);
  const Result<std::string> key_pem = reader.read_file(*key, identity.private_key, true);
  if (certificate_pem && key_pem && !key_matches(*certificate_pem, *key_pem))
    reader.problem(*key,
                   "the key does not belong to the certificate (the file's first certificate is the client's own)");
}

template <class T>
Field<T> resource_field() {
  return field("resource", &T::resource, token_resource(), "What the token is for: `https://ai.azure.com` for some.");
}

template <class T>
Field<T> authority_field() {
  return field("authority", &T::authority, backend_url(), "Who issues the token; another one in sovereign clouds.")
      .otherwise("`AZURE_AUTHORITY_HOST`, else `" + std::string(default_authority) + "`");
}

}  // namespace

Identity default_identity(Reader& reader) {
  Node nothing(Node::Kind::map, reader.root().node->position);
  const Place place{&nothing, "key_vault.auth", nothing.position};
  if (!reader.environment()("AZURE_FEDERATED_TOKEN_FILE").value_or("").empty()) {
    WorkloadIdentity workload;
    check_workload(reader, place, workload);
    return workload;
  }
  ManagedIdentity managed;
  from_environment(reader, place, "AZURE_CLIENT_ID", directory_id(), managed.client_id);
  return managed;
}

template <>
const Table<ManagedIdentity>& table() {
  static const auto keys =
      Table<ManagedIdentity>(
          {
              field("client_id", &ManagedIdentity::client_id, directory_id(),
                    "A user-assigned identity, by its client id.")
                  .otherwise("none"),
              field("object_id", &ManagedIdentity::object_id, directory_id(), "The same, by its object (principal) id.")
                  .otherwise("none"),
              field("resource_id", &ManagedIdentity::resource_id, resource_id(), "The same, by its Azure resource id.")
                  .otherwise("none"),
              resource_field<ManagedIdentity>(),
              field<ManagedIdentity>(
                  "authority", [](ManagedIdentity&, BackendUrl) {}, backend_url(),
                  "Has no effect: the platform knows who issues its tokens."),
          })
          .with_intro("At most one of the ids; none of them stands for the system-assigned identity.")
          .with_check(check_managed);
  return keys;
}

template <>
const Table<WorkloadIdentity>& table() {
  static const auto keys =
      Table<WorkloadIdentity>({
                                  field("tenant_id", &WorkloadIdentity::tenant_id, directory_id(), "The directory.")
                                      .otherwise("`AZURE_TENANT_ID`"),
                                  field("client_id", &WorkloadIdentity::client_id, directory_id(), "The application.")
                                      .otherwise("`AZURE_CLIENT_ID`"),
                                  field("token_file", &WorkloadIdentity::token_file, file_name(),
                                        "The cluster's token, read again each time it is used.")
                                      .otherwise("`AZURE_FEDERATED_TOKEN_FILE`"),
                                  resource_field<WorkloadIdentity>(),
                                  authority_field<WorkloadIdentity>(),
                              })
          .with_check(check_workload);
  return keys;
}

template <>
const Table<ClientSecret>& table() {
  static const auto keys =
      Table<ClientSecret>(
          {
              field("tenant_id", &ClientSecret::tenant_id, directory_id(), "The directory.").required(),
              field("client_id", &ClientSecret::client_id, directory_id(), "The application.").required(),
              field("secret", &ClientSecret::secret, secret(), "Its secret.").required(),
              resource_field<ClientSecret>(),
              authority_field<ClientSecret>(),
          })
          .with_check(check_secret)
          .holding_secrets();
  return keys;
}

template <>
const Table<ClientCertificate>& table() {
  static const auto keys =
      Table<ClientCertificate>(
          {
              field("tenant_id", &ClientCertificate::tenant_id, directory_id(), "The directory.").required(),
              field("client_id", &ClientCertificate::client_id, directory_id(), "The application.").required(),
              field("certificate", &ClientCertificate::certificate, certificate_file(),
                    "Its certificate, read again each time it is used.")
                  .required(),
              field("private_key", &ClientCertificate::private_key, rsa_key_file(),
                    "The certificate's RSA key, not "
                    "encrypted.")
                  .required(),
              resource_field<ClientCertificate>(),
              authority_field<ClientCertificate>(),
          })
          .with_check(check_certificate);
  return keys;
}

}  // namespace spillway::config
