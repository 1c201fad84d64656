#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inspect.hpp"
#include "spillway/config/config.hpp"
#include "spillway/http/head.hpp"
#include "spillway/routing/access.hpp"

// One client request as one member is to see it. Pure.
namespace spillway::forward {

// What the request looks like before it is known who will get it.
struct Original {
  const http::RequestHead* head = nullptr;
  std::string_view path;   // the head's, with ids as their backend made them
  std::string_view query;  // likewise
  const config::Route* route = nullptr;
  std::string_view model;                    // as the client asked; empty = none
  bool model_in_path = false;                // the path names it
  bool model_in_query = false;               // the query of a realtime URL does
  const ModelPlace* place = nullptr;         // where the body names it
  std::string_view body;                     // all of it, or its beginning when it is streamed
  std::optional<std::uint64_t> body_length;  // of the whole body; none = sent in chunks
  bool has_body = false;
  bool websocket = false;       // a handshake that may be answered with 101
  bool plain_answer = false;    // ids in the answer will be marked: it must not be compressed
  std::string_view own_cookie;  // the gateway's, for this pool; empty = none
  // Of this attempt, instead of what the client sent; empty: the client's own passes through.
  std::string traceparent;
  bool drops_tracestate = false;  // it belongs to no trace that goes on
};

// What goes out. `body` pieces are views: before the model, the model, after it.
struct Outgoing {
  std::string head;  // with the empty line
  std::string model_text;
  std::array<std::string_view, 3> body;
};

// The request for `backend`, which calls the model `deployment`: path, query, fields, credential, framing and body. A
// body whose length is not known goes out in chunks; its pieces are framed by the caller. `token`: the access token,
// for backends that take one.
void compose(Outgoing& out, const Original& original, const config::Backend& backend, std::string_view deployment,
             const routing::Access& access, std::string_view token = {});

}  // namespace spillway::forward
