#include "spillway/routing/router.hpp"

#include <algorithm>

#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"

namespace spillway::routing {
namespace {

bool takes_client(const config::RouteMatch& match, std::optional<std::size_t> client) {
  if (match.clients.empty()) return true;
  return client && std::find(match.clients.begin(), match.clients.end(), *client) != match.clients.end();
}

bool takes_model(const config::RouteMatch& match, std::string_view model) {
  return std::any_of(match.models.begin(), match.models.end(),
                     [model](const std::string& glob) { return glob_matches(glob, model); });
}

bool may_use(const config::Client& client, std::size_t route) {
  return !client.routes || std::find(client.routes->begin(), client.routes->end(), route) != client.routes->end();
}

std::string_view without_slash(std::string_view path) {
  return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

}  // namespace

Router::Decision Router::route(std::string_view path, std::optional<std::size_t> client,
                               std::optional<std::string_view> model) const {
  const bool has_model = model && !model->empty();
  bool path_matched = false;
  bool other_clients_only = false;
  for (std::size_t number = 0; number < config_.routes.size(); ++number) {
    const config::RouteMatch& match = config_.routes[number].match;
    if (!http::has_path_prefix(path, match.path)) continue;
    path_matched = true;
    if (!match.models.empty() && (!has_model || !takes_model(match, *model))) continue;
    if (!takes_client(match, client)) {
      other_clients_only = true;
      continue;
    }
    if (client && !may_use(config_.clients[*client], number)) return {std::nullopt, Refusal::route_not_allowed};
    return {number, {}};
  }
  if (!path_matched) return {std::nullopt, Refusal::route_not_found};
  if (other_clients_only) return {std::nullopt, Refusal::route_not_allowed};
  return {std::nullopt, has_model ? Refusal::model_not_found : Refusal::model_required};
}

std::optional<std::size_t> Router::route_to(std::string_view path, std::optional<std::size_t> client,
                                            const std::function<bool(std::size_t pool)>& wanted) const {
  for (std::size_t number = 0; number < config_.routes.size(); ++number) {
    const config::Route& route = config_.routes[number];
    if (!http::has_path_prefix(path, route.match.path) || !takes_client(route.match, client)) continue;
    if (client && !may_use(config_.clients[*client], number)) continue;
    if (route.pool && wanted(*route.pool)) return number;
  }
  return std::nullopt;
}

bool Router::needs_model(std::string_view path, std::optional<std::size_t> client) const {
  for (const config::Route& route : config_.routes) {
    if (!http::has_path_prefix(path, route.match.path) || !takes_client(route.match, client)) continue;
    return !route.match.models.empty();
  }
  return false;
}

std::string Router::rewritten_path(const config::Route& route, std::string_view path) {
  if (!route.rewrite_path) return std::string(path);
  const std::string_view rest = path.substr(without_slash(route.match.path).size());
  std::string rewritten(without_slash(*route.rewrite_path));
  rewritten += rest;
  return rewritten.empty() ? "/" : rewritten;
}

}  // namespace spillway::routing
