#include <nlohmann/json.hpp>

#include "explain.hpp"

namespace spillway::app {
namespace {

using Json = nlohmann::ordered_json;

// Why a member is passed over, for a person.
std::string reason(const pool::Explained& member) {
  switch (member.standing) {
    case pool::Standing::eligible: return "";
    case pool::Standing::not_served: return "does not serve the model";
    case pool::Standing::drained: return "drained (weight 0)";
    case pool::Standing::no_credential: return "no access token for it";
    case pool::Standing::tried: return "tried already";
    case pool::Standing::open:
      return "circuit open through rule " + member.rule +
             (member.reopens_in ? ", for another " + std::to_string(member.reopens_in->count()) + " ms" : "");
    case pool::Standing::probing: return "circuit half open, its probe is on the way";
    case pool::Standing::full: return "no connection free";
    case pool::Standing::bound: return "the request is bound to another member";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string member_line(const config::Config& config, const config::Pool& pool, const pool::Explained& member,
                        std::size_t width) {
  const config::Member& written = pool.members[member.member];
  std::string line = padded(config.backends[written.backend].name, width) + "  priority " +
                     std::to_string(written.priority) + "  weight " + std::to_string(written.weight);
  if (!member.deployment.empty()) line += "  as " + member.deployment;
  const std::string why = reason(member);
  if (!why.empty()) return line + "  " + why;
  return member.circuit == pool::CircuitState::half_open ? line + "  as the probe of a half-open circuit" : line;
}

Json member_json(const config::Config& config, const config::Pool& pool, const pool::Explained& member,
                 std::size_t order) {
  const config::Member& written = pool.members[member.member];
  const config::Backend& backend = config.backends[written.backend];
  Json json;
  json["backend"] = backend.name;
  json["region"] = backend.region;
  json["priority"] = written.priority;
  json["weight"] = written.weight;
  json["deployment"] = member.deployment.empty() ? Json(nullptr) : Json(member.deployment);
  json["standing"] = pool::name(member.standing);
  json["order"] = order == 0 ? Json(nullptr) : Json(order);
  json["circuit"] = {{"state", pool::name(member.circuit)},
                     {"rule", member.rule.empty() ? Json(nullptr) : Json(member.rule)},
                     {"reopens_in_ms", member.reopens_in ? Json(member.reopens_in->count()) : Json(nullptr)}};
  return json;
}

std::string client_text(const config::Config& config, const Explanation& said) {
  if (said.client) return config.clients[*said.client].name;
  return config.clients.empty() ? "anyone" : "not named (routes for certain clients are left out)";
}

}  // namespace

std::string explanation_text(const config::Config& config, const Explanation& said) {
  std::string out = "path    " + said.path + "\n";
  out +=
      "model   " + (said.model.empty() ? "none" : said.model) + (said.model_from_path ? " (from the path)" : "") + "\n";
  out += "client  " + client_text(config, said) + "\n";
  out += "route   " + (said.route ? config.routes[*said.route].name : std::string("none")) + "\n";
  if (said.pool) {
    const config::Pool& pool = config.pools[*said.pool];
    out += "pool    " + pool.name + ", " + said.strategy + "\n";
    std::size_t width = 0;
    for (const config::Member& member : pool.members)
      width = std::max(width, config.backends[member.backend].name.size());
    std::size_t order = 0;
    bool headed = false;
    if (said.served()) out += "tried in this order\n";
    for (const pool::Explained& member : said.members) {
      const bool eligible = member.standing == pool::Standing::eligible;
      if (!eligible && !headed) out += "not tried\n";
      headed = headed || !eligible;
      out += eligible ? padded("  " + std::to_string(++order), 5) : "  -  ";
      out += member_line(config, pool, member, width) + "\n";
    }
  }
  if (said.status != 0) out += "answer  " + std::to_string(said.status) + " " + said.code + "\n";
  return out;
}

std::string explanation_json(const config::Config& config, const Explanation& said) {
  Json json;
  json["path"] = said.path;
  json["model"] = said.model.empty() ? Json(nullptr) : Json(said.model);
  json["client"] = said.client ? Json(config.clients[*said.client].name) : Json(nullptr);
  json["route"] = said.route ? Json(config.routes[*said.route].name) : Json(nullptr);
  json["pool"] = said.pool ? Json(config.pools[*said.pool].name) : Json(nullptr);
  json["strategy"] = said.pool ? Json(said.strategy) : Json(nullptr);
  json["members"] = Json::array();
  std::size_t order = 0;
  for (const pool::Explained& member : said.members) {
    const bool eligible = member.standing == pool::Standing::eligible;
    json["members"].push_back(
        member_json(config, config.pools[*said.pool], member, eligible ? ++order : std::size_t{0}));
  }
  json["refusal"] = nullptr;
  if (said.status != 0) json["refusal"] = {{"status", said.status}, {"code", said.code}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spillway::app
