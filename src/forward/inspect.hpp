#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spillway/http/head.hpp"
#include "spillway/http/model_splice.hpp"

// Which model a request names. Pure.
namespace spillway::forward {

// Where a body names the model, or could.
struct ModelPlace {
  enum class Body { other, json, form } body = Body::other;  // other: none, or not to be read
  std::optional<http::ModelSpan> span;
  std::size_t insert_at = 0;  // where it can be put when there is no span
  bool more_members = false;  // of a JSON object, behind `insert_at`
  std::string boundary;       // of a form
};

struct Inspected {
  std::string model;  // empty: none
  ModelPlace place;
  bool in_path = false;   // the path names it
  bool in_query = false;  // the query of a WebSocket handshake does
  bool stream = false;    // a streamed answer is asked for
  enum class Problem { none, unreadable, duplicate } problem = Problem::none;
};

// The path decides, else the query of a WebSocket handshake, else the top-level `model` of a JSON body or the field
// `model` of a form. `complete`: `body` is all of it. A compressed body, or one that is neither, is `unreadable`, which
// matters only to those who need the model from it.
Inspected inspect(const http::RequestHead& head, std::string_view body, bool complete);

}  // namespace spillway::forward
