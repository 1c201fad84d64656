#include "explain.hpp"

#include <algorithm>

#include "spillway/http/target.hpp"

namespace spillway::app {
namespace {

struct Refused {
  int status;
  const char* code;
};

Refused refused(routing::Router::Refusal refusal) noexcept {
  using Refusal = routing::Router::Refusal;
  switch (refusal) {
    case Refusal::route_not_found: return {404, "route_not_found"};
    case Refusal::route_not_allowed: return {403, "route_not_allowed"};
    case Refusal::model_required: return {400, "model_required"};
    case Refusal::model_not_found: break;
  }
  return {400, "model_not_found"};
}

}  // namespace

bool Explanation::served() const noexcept {
  return std::any_of(members.begin(), members.end(),
                     [](const pool::Explained& member) { return member.standing == pool::Standing::eligible; });
}

std::optional<std::size_t> client_named(const config::Config& config, std::string_view name) {
  const auto found = std::find_if(config.clients.begin(), config.clients.end(),
                                  [&](const config::Client& client) { return client.name == name; });
  if (found == config.clients.end()) return std::nullopt;
  return static_cast<std::size_t>(found - config.clients.begin());
}

Explanation explain(const config::Config& config, const routing::Router& router, const pool::Fleet& fleet,
                    const Question& question, TimePoint now) {
  Explanation said;
  said.path = question.path;
  said.client = question.client;
  said.model = question.model;
  if (const auto segment = http::deployment_segment(question.path)) {
    said.model = http::percent_decode(*segment).value_or(std::string(*segment));
    said.model_from_path = true;
  }
  const auto refuse = [&](const Refused& why) {
    said.status = why.status;
    said.code = why.code;
    return said;
  };
  const std::optional<std::string_view> model =
      said.model.empty() ? std::nullopt : std::optional<std::string_view>(said.model);
  const routing::Router::Decision decision = router.route(question.path, question.client, model);
  if (!decision.route) return refuse(refused(decision.refusal));
  said.route = decision.route;
  const config::Route& route = config.routes[*decision.route];
  if (route.deny) return refuse({route.deny->status, "denied"});
  const pool::Pool& pool = *fleet.pool(*route.pool);
  said.pool = route.pool;
  said.strategy = pool.strategy_label();
  said.members = pool.explain(said.model, now);
  if (!pool.serves(said.model)) return refuse({400, "model_not_found"});
  if (!said.served()) return refuse({503, "no_backend_available"});
  return said;
}

}  // namespace spillway::app
