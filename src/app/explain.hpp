#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"
#include "spillway/pool/pool.hpp"
#include "spillway/routing/router.hpp"

// Where a request would go, and why.
namespace spillway::app {

struct Question {
  std::string path;                   // without a query
  std::string model;                  // empty: the one the path names, if any
  std::optional<std::size_t> client;  // index into the configuration's clients
};

struct Explanation {
  std::string path;
  std::string model;
  bool model_from_path = false;
  std::optional<std::size_t> client;
  std::optional<std::size_t> route;  // index into the configuration's routes
  std::optional<std::size_t> pool;   // index into the configuration's pools; none when the request is refused
  int status = 0;                    // with which it is refused, and
  std::string code;                  // the code of that answer
  std::string strategy;              // as `x-routing-strategy` says it
  std::vector<pool::Explained> members;

  // Some member would be tried.
  bool served() const noexcept;
};

// The index of the client of that name.
std::optional<std::size_t> client_named(const config::Config& config, std::string_view name);

Explanation explain(const config::Config& config, const routing::Router& router, const pool::Fleet& fleet,
                    const Question& question, TimePoint now);

// For people, and for programs.
std::string explanation_text(const config::Config& config, const Explanation& explanation);
std::string explanation_json(const config::Config& config, const Explanation& explanation);

}  // namespace spillway::app
