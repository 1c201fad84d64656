#pragma once

#include <string_view>

#include "spillway/http/head.hpp"

// Which fields pass, in which direction. The one place to change when a header is added or removed. Goes by a field's
// number and nomination, as the readers set them.
namespace spillway::http {

// Hop-by-hop by RFC 9110 7.6.1 and custom: Connection, Keep-Alive, Proxy-Connection, Proxy-Authenticate,
// Proxy-Authentication-Info, Proxy-Authorization, TE, Trailer, Transfer-Encoding, Upgrade, HTTP2-Settings.
bool is_hop_by_hop(const Field& field) noexcept;

// A client's credential: Authorization, api-key, Ocp-Apim-Subscription-Key.
bool is_credential(const Field& field) noexcept;

// Passes from client to backend: not hop-by-hop, not nominated, not a credential, not Host, Content-Length or Expect,
// which are written anew.
bool passes_to_backend(const Field& field) noexcept;

// Passes from backend to client: not hop-by-hop, not nominated, not Content-Length (written anew), not one of the
// gateway's own (x-routed-backend, x-routing-strategy, x-circuit-state, x-attempts).
bool passes_to_client(const Field& field) noexcept;

// One of the query parameters that carry a key: `api-key`, `subscription-key`, and `authorization`, where browsers put
// a token for want of headers on a WebSocket. Case ignored.
bool is_credential_parameter(std::string_view name) noexcept;

}  // namespace spillway::http
