#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
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

  // The first route whose path, models and clients match decides; a client that may not use it is refused, so the order
  // of routes means the same for everybody. A route with `deny` is an ordinary decision. `client` is none for an
  // anonymous caller, whom no route with `clients` takes. `model` is none (or empty) when the request names none:
  // routes with `models` are then skipped.
  //
  // Refusals, the first that holds: `route_not_found` when no route's path matches; `route_not_allowed` when one
  // matches but for the client; `model_required` when only routes with `models` are left and the request names none;
  // `model_not_found`.
  Decision route(std::string_view path, std::optional<std::size_t> client, std::optional<std::string_view> model) const;

  // The first route that matches but for its models, may be used by the client and leads to a pool (by index) that
  // `wanted` accepts: for a request whose object tells where it belongs.
  std::optional<std::size_t> route_to(std::string_view path, std::optional<std::size_t> client,
                                      const std::function<bool(std::size_t pool)>& wanted) const;

  // Whether the decision for this path and client hangs on the model, so that an unreadable body must be refused.
  bool needs_model(std::string_view path, std::optional<std::size_t> client) const;

  // The path with what `match.path` matched replaced by the route's `rewrite_path`, exactly one slash where they join;
  // `path` itself without a `rewrite_path`. Precondition: the route's path matches.
  static std::string rewritten_path(const config::Route& route, std::string_view path);

 private:
  const config::Config& config_;
};

}  // namespace spillway::routing
