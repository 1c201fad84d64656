#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spillway/http/head.hpp"
#include "spillway/http/model_splice.hpp"

// Which model a request names. Pure.
namespace spillway::forward {

struct Inspected {
  std::string model;                          // empty: none
  std::optional<http::ModelSpan> model_span;  // where the body names it
  bool json = false;                          // the body is JSON, not a form
  bool in_path = false;                       // the path names it
  enum class Problem { none, unreadable, duplicate } problem = Problem::none;
};

// The path decides, else the query of a WebSocket handshake, else the top-level `model` of a JSON body or the field
// `model` of a form. `complete`: `body` is all
// of it. A compressed body, or one that is neither, is `unreadable`, which matters only to those who need the model
// from it.
Inspected inspect(const http::RequestHead& head, std::string_view body, bool complete);

}  // namespace spillway::forward
