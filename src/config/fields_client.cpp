#include <map>

#include "fields.hpp"
#include "rules_identity.hpp"

namespace spillway::config {
namespace {

void check_entra(Reader& reader, const Place& place, Entra& entra) {
  if (!place.find("client_ids") && !place.find("required_claims")) {
    reader.warn(place,
                "admits every user and application of the tenant that asks for a token (say who, with client_ids or "
                "required_claims)");
  }
  const auto authority = place.find("authority");
  if (!authority || !reader.clean(*authority) || entra.authority.starts_with("https://")) return;
  reader.warn(*authority, "the keys that tokens are checked with come without encryption (use https)");
}

void check_certificate(Reader& reader, const Place& place, CertificateSection&) {
  const auto subject = place.find("subject");
  const auto san = place.find("san");
  if (subject && san) {
    reader.key_problem(*san, "subject and san exclude each other (give exactly one)");
  } else if (!subject && !san && reader.clean(place)) {
    reader.problem(place, "says nothing (give subject or san)");
  }
}

bool asks_for_certificates(const Config& config) {
  for (const Listener& listener : config.listeners) {
    if (listener.tls && listener.tls->client_ca) return true;
  }
  return false;
}

void report_shared(Reader& reader, const Place& place, const Place& owner, std::string_view key) {
  reader.problem(place, "the same as " + owner.path_of(key) + " (it could mean either client)");
}

}  // namespace

void check_client_identity(Reader& reader, const Place& client) {
  if (client.find("keys") || client.find("entra") || client.find("certificate")) return;
  reader.problem(client, "cannot show who it is (give keys, entra or certificate)");
}

void check_client_identities(Reader& reader, const Config& config) {
  const std::vector<Place> items = reader.root().list("clients");
  const bool asked = asks_for_certificates(config);
  std::map<CertificateName, std::size_t> certificates;
  std::map<Entra, std::size_t> tokens;
  for (std::size_t i = 0; i < config.clients.size() && i < items.size(); ++i) {
    const Client& client = config.clients[i];
    if (client.certificate) {
      const Place place = *items[i].find("certificate");
      const auto [owner, added] = certificates.emplace(*client.certificate, i);
      if (!added) report_shared(reader, place, items[owner->second], "certificate");
      if (!asked) reader.warn(place, "no listener asks for certificates (give its tls a client_ca)");
    }
    if (client.entra) {
      const auto [owner, added] = tokens.emplace(*client.entra, i);
      if (!added) report_shared(reader, *items[i].find("entra"), items[owner->second], "entra");
    }
  }
}

template <>
const Table<Entra>& table() {
  static const auto keys =
      Table<Entra>(
          {
              field("tenant_id", &Entra::tenant_id, tenant(), "The directory: its GUID, or one of its domains.")
                  .required(),
              field("audiences", &Entra::audiences, list(claim_value(), 1, 100, "audiences"),
                    "What the tokens are for (`aud`): the application id or its URI. `api://` in front makes no "
                    "difference.")
                  .required(),
              field("client_ids", &Entra::client_ids, list(guid(), 1, 1000, "application ids"),
                    "The applications that may call (`azp`, `appid`).")
                  .otherwise("any"),
              field("required_claims", &Entra::required_claims, required_claims(),
                    "Claims a token must have, each with one of the values: `roles: [Chat.User]`, `scp: [chat]`, "
                    "`groups: [...]`, `oid: [...]`.")
                  .otherwise("none"),
              field("authority", &Entra::authority, authority(),
                    "Who issues the tokens; another one in sovereign clouds."),
          })
          .with_intro(
              "A token is taken when it is signed by the tenant, valid now (give or take a minute), and everything "
              "here "
              "fits. When it fits several clients, the first in the file is meant.")
          .with_check(check_entra);
  return keys;
}

template <>
const Table<CertificateSection>& table() {
  static const auto keys =
      Table<CertificateSection>(
          {
              field("subject", &CertificateSection::name, certificate_subject(),
                    "The whole subject, such as `CN=chat-app,O=Contoso`: as `openssl x509 -noout -subject -nameopt "
                    "RFC2253` prints it."),
              field("san", &CertificateSection::name, certificate_alternative(),
                    "One of the alternative names, such as `chat-app.contoso.com` or `spiffe://contoso.com/chat-app`."),
          })
          .with_intro("Exactly one of the keys.")
          .with_check(check_certificate);
  return keys;
}

}  // namespace spillway::config
