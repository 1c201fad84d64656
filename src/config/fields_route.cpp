#include "client_keys.hpp"
#include "fields.hpp"

namespace spillway::config {
namespace {

// An unset secondary key leaves an empty string, which must never be a key.
void keep_keys(Client& client, const std::vector<std::optional<ClientKey>>& keys) {
  for (const std::optional<ClientKey>& key : keys) {
    if (key) client.keys.push_back(*key);
  }
}

void check_keys_left(Reader& reader, const Place& place, Client& client) {
  const auto keys = place.find("keys");
  if (keys && client.keys.empty() && reader.clean(*keys)) {
    reader.problem(*keys, "every key is empty (at least one must not be)");
  }
  check_client_identity(reader, place);
}

void warn_of_end(Reader& reader, const Place& place, ClientKeySection& key) {
  const auto end = place.find("not_after");
  if (end && key.not_after && *key.not_after <= reader.time())
    reader.warn(*end, "is past (the key is refused; take it out)");
}

void check_route(Reader& reader, const Place& place, Route&) {
  const auto pool = place.find("pool");
  const auto deny = place.find("deny");
  if (pool && deny) {
    reader.key_problem(*deny, "pool and deny exclude each other (give exactly one)");
  } else if (!pool && !deny) {
    reader.problem(place, "neither pool nor deny (give exactly one)");
  }
  const auto rewrite = place.find("rewrite_path");
  if (!rewrite) return;
  const auto match = place.find("match");
  if (deny) {
    reader.key_problem(*rewrite, "has no meaning beside deny");
  } else if (!match || match->node->find("path") == nullptr) {
    reader.key_problem(*rewrite, "needs match.path (it replaces the matched prefix)");
  }
}

}  // namespace

template <>
const Table<Client>& table() {
  static const auto keys =
      Table<Client>(
          {
              field("name", &Client::name, name(), "Unique. Shown in logs and metrics.").required(),
              field<Client>("keys", keep_keys, list(client_key_item(), 1, 100, "keys"),
                            "What the client sends as `api-key`, `Ocp-Apim-Subscription-Key` or Bearer token: "
                            "a primary, a secondary. Each is a secret, its hash as `spillway hash-key` prints "
                            "it, or a map with one of them. Empty ones are ignored; one must be left. No key "
                            "belongs to two clients.")
                  .otherwise("none"),
              field("entra", &Client::entra, section<Entra>(),
                    "The access tokens of Entra ID it may send as Bearer token.")
                  .otherwise("no tokens"),
              field<Client>(
                  "certificate", [](Client& client, CertificateSection section) { client.certificate = section.name; },
                  section<CertificateSection>(), "The certificate it may show on a listener with `client_ca`.")
                  .otherwise("no certificate"),
              field("routes", &Client::routes, list(reference(Named::route), 1, 10'000, "routes"),
                    "The routes it may use.")
                  .otherwise("all"),
              field("max_concurrent_requests", &Client::max_concurrent_requests, integer<std::uint32_t>(1, 1'000'000),
                    "Requests it may have under way at a time, answers being streamed and WebSockets among them; more "
                    "are answered with 429.")
                  .otherwise("no limit"),
          })
          .with_check(check_keys_left);
  return keys;
}

template <>
const Table<ClientKeySection>& table() {
  static const auto keys =
      Table<ClientKeySection>(
          {
              field<ClientKeySection>(
                  "key", [](ClientKeySection& out, const std::optional<ClientKey>& key) { out.key = key; },
                  client_key(), "The key: a secret, or `sha256:` and 64 hexadecimal digits.")
                  .required(),
              field("not_after", &ClientKeySection::not_after, end_time(),
                    "When it ends: `2027-01-31` is the end of that day in UTC, "
                    "`2027-01-31T12:00:00Z` a moment. From then on it is refused.")
                  .otherwise("never"),
          })
          .with_intro(
              "Where a key is more than a text. A hashed key keeps what it hides only when it is random, as "
              "`spillway hash-key --generate` makes it; words can be guessed from their hash.")
          .with_check(warn_of_end)
          .holding_secrets();
  return keys;
}

template <>
const Table<Route>& table() {
  static const auto keys =
      Table<Route>(
          {
              field("name", &Route::name, name(), "Unique. Shown in logs and metrics.").required(),
              field("match", &Route::match, section<RouteMatch>(), "Which requests it takes.").otherwise("all"),
              field("rewrite_path", &Route::rewrite_path, path_prefix(),
                    "Replaces the matched `match.path`; `/` takes it away.")
                  .otherwise("the path stays"),
              field("pool", &Route::pool, reference(Named::pool), "The pool that serves it. Either this or `deny`."),
              field("deny", &Route::deny, section<Deny>(), "Refuses it. Either this or `pool`."),
          })
          .with_check(check_route);
  return keys;
}

template <>
const Table<RouteMatch>& table() {
  static const auto keys =
      Table<RouteMatch>({
                            field("path", &RouteMatch::path, path_prefix(),
                                  "A prefix that ends at a segment: `/openai` matches `/openai/v1`, not `/openaix`.")
                                .otherwise("any"),
                            field("models", &RouteMatch::models, list(glob(), 1, 1000, "models"),
                                  "Names; `*` stands for any characters, `/` too.")
                                .otherwise("any, also none"),
                            field("clients", &RouteMatch::clients, list(reference(Named::client), 1, 10'000, "clients"),
                                  "The callers.")
                                .otherwise("any"),
                        })
          .with_intro("Everything given must fit.");
  return keys;
}

template <>
const Table<Deny>& table() {
  static const auto keys = Table<Deny>({
      field("status", &Deny::status, integer(400, 599), "The answer's status."),
      field("message", &Deny::message, message_text(), "The answer's error message."),
  });
  return keys;
}

}  // namespace spillway::config
