#include <algorithm>
#include <map>

#include "fields.hpp"

namespace spillway::config {
namespace {

std::string line_text(const Place& place) {
  return "line " + std::to_string(place.node->position.line);
}

bool is_usable_scalar(const Place& place) {
  return place.node->kind == Node::Kind::scalar && !place.node->broken;
}

bool is_wildcard(const Address& address) {
  return address.host == "0.0.0.0" || address.host == "::";
}

// Two sockets cannot have both; a wildcard takes every address of its family.
bool collide(const Address& a, const Address& b) {
  if (a.port == 0 || a.port != b.port) return false;
  const bool same_family = (a.host.find(':') == std::string::npos) == (b.host.find(':') == std::string::npos);
  return a.host == b.host || (same_family && (is_wildcard(a) || is_wildcard(b)));
}

void check_addresses(Reader& reader, const Config& config) {
  std::vector<std::pair<Place, Address>> taken;
  const auto claim = [&](const std::optional<Place>& section, const Address& address) {
    const auto place = section ? section->find("address") : std::nullopt;
    if (!place || !reader.clean(*place)) return;
    const auto other =
        std::find_if(taken.begin(), taken.end(), [&](const auto& t) { return collide(t.second, address); });
    if (other != taken.end()) {
      reader.problem(*place, "the address is taken by " + other->first.path + " (" + line_text(other->first) + ")");
    }
    taken.emplace_back(*place, address);
  };
  const std::vector<Place> listeners = reader.root().list("listeners");
  for (std::size_t i = 0; i < listeners.size() && i < config.listeners.size(); ++i) {
    claim(listeners[i], config.listeners[i].address);
  }
  if (config.admin) claim(reader.root().find("admin"), *config.admin);
}

void check_clients(Reader& reader, const Config& config) {
  const Place& root = reader.root();
  const auto clients = root.find("clients");
  const auto anonymous = root.find("allow_anonymous");
  if (!clients && !config.allow_anonymous) {
    const std::string wrong = "nobody may call (list clients, or say allow_anonymous: true to serve everyone)";
    if (!anonymous) {
      reader.missing(root, "clients", wrong);
    } else if (reader.clean(*anonymous)) {
      reader.problem(*anonymous, wrong);
    }
  }
  if (clients && config.allow_anonymous) {
    reader.warn(*anonymous, "has no effect beside clients: a key is asked for (remove one of them)");
  }
  std::map<KeyDigest, std::pair<std::size_t, Place>> owners;
  const std::vector<Place> items = root.list("clients");
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (const Place& item : items[i].list("keys")) {
      const auto key = key_of_item(item);
      if (!key || !is_usable_scalar(*key) || key->node->text.empty()) continue;
      const auto digest = written_key_digest(key->node->text);
      if (!digest) continue;
      const auto [owner, added] = owners.emplace(*digest, std::pair(i, *key));
      if (added || owner->second.first == i) continue;
      reader.problem(*key, "the same key as " + owner->second.second.path + " (a key belongs to one client)");
    }
  }
}

void check_members(Reader& reader, const Place& pool) {
  std::map<std::string_view, Place> seen;
  for (const Place& member : pool.list("members")) {
    const auto backend = member.find("backend");
    if (!backend || !is_usable_scalar(*backend) || !reader.clean(*backend)) continue;
    const auto [first, added] = seen.emplace(backend->node->text, *backend);
    if (!added)
      reader.problem(*backend, "the backend is in this pool already, as " + first->second.path + " (once is enough)");
  }
}

// Gives each backend without rules of its own those of its pools, which must agree.
void hand_down_circuit_breakers(Reader& reader, Config& config) {
  const std::vector<Place> backends = reader.root().list("backends");
  const std::vector<Place> pools = reader.root().list("pools");
  std::map<std::size_t, std::size_t> given_by;  // backend -> pool
  for (std::size_t p = 0; p < config.pools.size(); ++p) {
    const Pool& pool = config.pools[p];
    const CircuitBreaker rules = pool.circuit_breaker.value_or(CircuitBreaker::defaults());
    const std::vector<Place> members = pools[p].list("members");
    for (std::size_t m = 0; m < pool.members.size(); ++m) {
      const auto place = members[m].find("backend");
      if (!place || !reader.clean(*place)) continue;
      const std::size_t index = pool.members[m].backend;
      if (index >= config.backends.size() || backends[index].find("circuit_breaker")) continue;
      const auto [first, added] = given_by.emplace(index, p);
      if (added) {
        config.backends[index].circuit_breaker = rules;
      } else if (first->second != p && !(config.backends[index].circuit_breaker == rules) && reader.clean(pools[p]) &&
                 reader.clean(pools[first->second])) {
        reader.problem(*place, "the backend gets other circuit_breaker rules from " + pools[first->second].path +
                                   " (give the backend a circuit_breaker of its own)");
      }
    }
  }
}

bool takes_everything(const RouteMatch& match) {
  const bool every_model = match.models.empty();
  return match.path.empty() && every_model && match.clients.empty();
}

void complete_routes(Reader& reader, Config& config) {
  const auto routes = reader.root().find("routes");
  const auto pools = reader.root().find("pools");
  if (!routes) {
    if (config.pools.size() > 1) {
      reader.missing(reader.root(), "routes", "missing (needed with more than one pool)");
    }
    Route everything;
    everything.name = "default";
    everything.pool = 0;
    config.routes.push_back(std::move(everything));
    return;
  }
  const std::vector<Place> items = reader.root().list("routes");
  const auto last = std::find_if(config.routes.begin(), config.routes.end(), [&](const Route& route) {
    const auto index = static_cast<std::size_t>(&route - config.routes.data());
    return takes_everything(route.match) && reader.clean(items[index]);
  });
  if (last == config.routes.end()) return;
  for (auto index = static_cast<std::size_t>(last - config.routes.begin()) + 1; index < config.routes.size(); ++index) {
    reader.warn(items[index], "is never reached (an earlier route takes everything)");
  }
}

void warn_of_unused(Reader& reader, const Config& config) {
  std::vector<bool> backend_used(config.backends.size());
  std::vector<bool> pool_used(config.pools.size());
  for (const Pool& pool : config.pools) {
    for (const Member& member : pool.members) backend_used[member.backend] = true;
  }
  for (const Route& route : config.routes) {
    if (route.pool) pool_used[*route.pool] = true;
  }
  const std::vector<Place> backends = reader.root().list("backends");
  const std::vector<Place> pools = reader.root().list("pools");
  for (std::size_t i = 0; i < backend_used.size(); ++i) {
    if (!backend_used[i]) reader.warn(backends[i], "is in no pool");
  }
  for (std::size_t i = 0; i < pool_used.size(); ++i) {
    if (!pool_used[i]) reader.warn(pools[i], "is used by no route");
  }
}

}  // namespace

void check_unique_names(Reader& reader, const std::vector<Place>& items) {
  std::map<std::string_view, Place> seen;
  for (const Place& item : items) {
    if (item.node->kind != Node::Kind::map) continue;
    const auto name = item.find("name");
    if (!name || !is_usable_scalar(*name) || !reader.clean(*name)) continue;
    const auto [first, added] = seen.emplace(name->node->text, *name);
    if (!added)
      reader.problem(*name, "the name is taken by " + first->second.path + " (" + line_text(first->second) + ")");
  }
}

void complete(Reader& reader, Config& config) {
  for (const std::string_view section : {"clients", "backends", "pools", "routes"}) {
    check_unique_names(reader, reader.root().list(section));
  }
  check_addresses(reader, config);
  check_clients(reader, config);
  check_client_identities(reader, config);
  complete_key_vault(reader, config);
  complete_tracing(reader, config);
  for (const Place& pool : reader.root().list("pools")) check_members(reader, pool);
  hand_down_circuit_breakers(reader, config);
  complete_routes(reader, config);
  if (reader.problem_count() == 0) warn_of_unused(reader, config);
}

}  // namespace spillway::config
