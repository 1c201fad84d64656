#include "spillway/base/units.hpp"
#include "spillway/config/load.hpp"

namespace spillway::config {
namespace {

std::string plural(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

// `, models gpt-4o*, o3*`: nothing when there are none.
template <class Items, class Text>
std::string listed(const std::string& word, const Items& items, Text text) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? ", " + word + " " : ", ") + text(item);
  return out;
}

std::string listener_line(const Listener& listener) {
  std::string line = "  " + listener.address.text();
  if (!listener.tls) return line + "  plain HTTP\n";
  line += listener.tls->min_version == TlsVersion::tls1_3 ? "  TLS 1.3" : "  TLS 1.2 or later";
  return line + (listener.tls->client_ca ? ", client certificates required\n" : "\n");
}

// How a client shows who it is.
std::string identity_text(const Client& client) {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (!client.keys.empty()) add(plural(client.keys.size(), "key"));
  if (client.entra) add("tokens of " + client.entra->tenant_id);
  if (client.certificate) add("certificate " + client.certificate->text);
  return text;
}

std::string client_line(const Config& config, const Client& client) {
  const std::string line = "  " + client.name + "  " + identity_text(client);
  if (!client.routes) return line + ", all routes\n";
  return line + listed("routes", *client.routes, [&](std::size_t i) { return config.routes[i].name; }) + "\n";
}

std::string route_line(const Config& config, const Route& route) {
  std::string line = "  " + route.name + "  " + (route.match.path.empty() ? "any path" : "path " + route.match.path);
  line += listed("models", route.match.models, [](const std::string& model) { return model; });
  line += listed("clients", route.match.clients, [&](std::size_t i) { return config.clients[i].name; });
  if (route.rewrite_path) line += ", path becomes " + (route.rewrite_path->empty() ? "/" : *route.rewrite_path);
  if (route.deny) return line + " -> denied with " + std::to_string(route.deny->status) + "\n";
  return line + " -> pool " + config.pools[*route.pool].name + "\n";
}

// What keeps requests together, beside ids of objects.
std::string affinity_text(const Affinity& affinity) {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? ", affinity by " : " and ") + what; };
  if (affinity.cookie) add("cookie " + affinity.cookie->name);
  if (affinity.header) add("header " + *affinity.header);
  if (affinity.prompt_cache) add("prompt");
  return affinity.response_ids ? text : text + ", ids pass as they are";
}

std::string pool_line(const Pool& pool) {
  return "  " + pool.name + "  " + std::string(name(pool.strategy)) + ", " + plural(pool.members.size(), "member") +
         affinity_text(pool.affinity) + "\n";
}

std::string member_line(const Backend& backend, const Member& member) {
  std::string line = "    priority " + std::to_string(member.priority) + ", weight " + std::to_string(member.weight) +
                     "  " + backend.name + "  " + backend.url.text();
  if (!backend.region.empty()) line += "  " + backend.region;
  if (backend.kind == BackendKind::ptu) line += "  ptu";
  if (backend.api == Api::openai) line += "  api openai";
  return line + (member.weight == 0 ? "  drained\n" : "\n");
}

}  // namespace

std::string summary(const Config& config, const std::vector<UsedVaultSecret>& secrets) {
  std::string out = "listeners\n";
  for (const Listener& listener : config.listeners) out += listener_line(listener);
  out += "admin\n  " + (config.admin ? config.admin->text() : std::string("off")) + "\n";
  out += "clients\n";
  for (const Client& client : config.clients) out += client_line(config, client);
  if (config.clients.empty()) out += "  anyone (allow_anonymous)\n";
  if (!secrets.empty()) {
    out += "key vault\n";
    for (const UsedVaultSecret& used : secrets) out += "  " + used.secret.text() + "  " + used.where.path + "\n";
  }
  out += "routes\n";
  for (const Route& route : config.routes) out += route_line(config, route);
  out += "pools\n";
  for (const Pool& pool : config.pools) {
    out += pool_line(pool);
    for (const Member& member : pool.members) out += member_line(config.backends[member.backend], member);
  }
  return out;
}

}  // namespace spillway::config
