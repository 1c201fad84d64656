#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "spillway/config/config.hpp"

namespace spillway::routing {

// Which route takes a request. Thread-safe: immutable.
class Router {
 public:
  // `config` must outlive the router.
  explicit Router(const config::Config& config) : config_(config) {}

  enum class Refusal { route_not_found, route_not_allowed, model_required, model_not_found };
  struct Decision {
    std::optional<std::size_t> route;  // index into the configuration's routes, when one takes it
    Refusal refusal = Refusal::route_not_found;
  };

  // First match wins. `client` is none for an anonymous caller. `model` is none when the request names none: routes with
  // `models` are then skipped.
  Decision route(std::string_view path, std::optional<std::size_t> client, std::optional<std::string_view> model) const;

  // Whether the decision for this path and client hangs on the model, so that an unreadable body must be refused.
  bool needs_model(std::string_view path, std::optional<std::size_t> client) const;

  // The path after the route's `rewrite_path`; `path` itself without one.
  static std::string rewritten_path(const config::Route& route, std::string_view path);

 private:
  const config::Config& config_;
};

}  // namespace spillway::routing
