#pragma once

#include <cstdint>
#include <string_view>

namespace spillway::http {

// The fields the gateway looks at, by number; `unknown` for all others.
enum class FieldId : std::uint8_t {
  unknown,
  accept_encoding,
  age,
  api_key,
  apim_request_id,
  authorization,
  connection,
  content_encoding,
  content_length,
  content_type,
  cookie,
  expect,
  host,
  http2_settings,
  keep_alive,
  ocp_apim_subscription_key,
  proxy_authenticate,
  proxy_authentication_info,
  proxy_authorization,
  proxy_connection,
  retry_after,
  retry_after_ms,
  sec_websocket_accept,
  sec_websocket_key,
  sec_websocket_protocol,
  sec_websocket_version,
  te,
  traceparent,
  tracestate,
  trailer,
  transfer_encoding,
  upgrade,
  x_attempts,
  x_circuit_state,
  x_ms_region,
  x_ms_retry_after_ms,
  x_request_id,
  x_routed_backend,
  x_routing_strategy,
};

// The number of a field's name; case ignored.
FieldId field_id(std::string_view name) noexcept;

}  // namespace spillway::http
