#include "replies.hpp"

#include <algorithm>
#include <chrono>

#include "spillway/base/text.hpp"
#include "spillway/http/retry_after.hpp"
#include "spillway/http/writer.hpp"

namespace spillway::forward::replies {
namespace {

std::string_view error_type(int status) noexcept {
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 429) return "rate_limit_error";
  if (status >= 500) return "server_error";
  return "invalid_request_error";
}

// 503 or 429 that says when to come back.
Reply with_wait(int status, std::string_view code, std::string_view message, Duration wait,
                std::string_view request_id) {
  const std::int64_t ms = std::max<std::int64_t>(1, std::chrono::ceil<Milliseconds>(wait).count());
  const std::int64_t seconds = (ms + 999) / 1000;
  std::string text(message);
  text.append(" Please retry after ").append(std::to_string(seconds));
  text.append(seconds == 1 ? " second." : " seconds.");
  Reply reply = error(status, code, text, request_id);
  http::append_field(reply.extra_fields, "Retry-After", static_cast<std::uint64_t>(seconds));
  http::append_field(reply.extra_fields, "retry-after-ms", static_cast<std::uint64_t>(ms));
  return reply;
}

// For a trouble that may be over in a moment.
void append_short_wait(Reply& reply) {
  http::append_field(reply.extra_fields, "Retry-After", std::uint64_t{1});
  http::append_field(reply.extra_fields, "retry-after-ms", std::uint64_t{1000});
}

}  // namespace

Reply error(int status, std::string_view code, std::string_view message, std::string_view request_id) {
  Reply reply;
  reply.status = status;
  reply.body = "{\"error\":{\"code\":";
  append_json_string(reply.body, code);
  reply.body.append(",\"message\":");
  append_json_string(reply.body, message);
  reply.body.append(",\"type\":");
  append_json_string(reply.body, error_type(status));
  reply.body.append(",\"param\":null}}");
  http::append_field(reply.extra_fields, "x-request-id", request_id);
  return reply;
}

void date(Reply& reply, WallTime now) {
  http::append_field(reply.extra_fields, "Date", http::format_http_date(now));
}

Reply rejected(const http::Rejection& rejection, std::string_view request_id) {
  return error(rejection.status, rejection.code, rejection.reason, request_id);
}

Reply not_admitted(routing::Access::Refusal refusal, std::string_view request_id) {
  using Refusal = routing::Access::Refusal;
  switch (refusal) {
    case Refusal::missing_api_key:
      return error(401, "missing_api_key",
                   "No API key was given. Send it in the header `api-key` or as `Authorization: Bearer`.", request_id);
    case Refusal::expired_api_key: return error(401, "invalid_api_key", "The API key has expired.", request_id);
    case Refusal::invalid_api_key: break;
  }
  return error(401, "invalid_api_key", "The API key is not valid for this gateway.", request_id);
}

Reply token_refused(routing::TokenRefusal refusal, std::string_view request_id) {
  const routing::TokenAnswer answer = routing::answer(refusal);
  Reply reply = error(answer.status, answer.code, answer.message, request_id);
  if (answer.status == 401)
    http::append_field(reply.extra_fields, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
  if (answer.status == 503) append_short_wait(reply);
  return reply;
}

Reply too_many_requests(std::string_view request_id) {
  Reply reply = error(429, "too_many_concurrent_requests",
                      "This client has as many requests under way as it may. Try again in a moment.", request_id);
  append_short_wait(reply);
  return reply;
}

Reply route_not_found(std::string_view request_id) {
  return error(404, "route_not_found", "This gateway does not serve the requested path.", request_id);
}

Reply route_not_allowed(std::string_view request_id) {
  return error(403, "route_not_allowed", "This client may not use the requested path or model.", request_id);
}

Reply model_required(std::string_view request_id) {
  return error(400, "model_required", "The request must name a model.", request_id);
}

Reply model_not_found(std::string_view request_id) {
  return error(400, "model_not_found", "The requested model is not served here.", request_id);
}

Reply denied(const config::Deny& deny, std::string_view request_id) {
  const std::string_view message =
      deny.message.empty() ? "This request is not allowed." : std::string_view(deny.message);
  return error(deny.status, "denied", message, request_id);
}

Reply body_not_json(std::string_view request_id) {
  return error(400, "bad_request", "The model must be read from the request's body, but the body is not a JSON object.",
               request_id);
}

Reply duplicate_model(std::string_view request_id) {
  return error(400, "bad_request", "The request's body names the model twice.", request_id);
}

Reply several_owners(std::string_view request_id) {
  return error(400, "bad_request", "The request refers to objects that live in different resources.", request_id);
}

Reply malformed_body(std::string_view request_id) {
  return error(400, "bad_request", "The request's chunked body is malformed.", request_id);
}

Reply request_timeout(std::string_view request_id) {
  return error(408, "request_timeout", "The request's body did not arrive in time.", request_id);
}

Reply request_too_large(std::string_view request_id) {
  return error(413, "request_too_large", "The request's body is larger than this gateway accepts.", request_id);
}

Reply upgrade_not_supported(std::string_view request_id) {
  return error(501, "bad_request", "This gateway does not switch to another protocol.", request_id);
}

Reply bad_handshake(http::HandshakeProblem problem, std::string_view request_id) {
  if (problem != http::HandshakeProblem::unsupported_version)
    return error(400, "bad_request", "The WebSocket handshake is not valid.", request_id);
  Reply reply = error(426, "bad_request", "The only WebSocket version known is 13.", request_id);
  reply.extra_fields.append(http::websocket_upgrade);
  http::append_field(reply.extra_fields, "Sec-WebSocket-Version", "13");
  return reply;
}

Reply upstream_error(std::string_view request_id) {
  return error(502, "upstream_error", "The request could not be completed.", request_id);
}

Reply upstream_timeout(std::string_view request_id) {
  return error(504, "upstream_timeout", "The request was not answered in time.", request_id);
}

Reply overloaded(std::string_view request_id) {
  Reply reply = error(503, "overloaded", "The gateway is at its limit. Try again in a moment.", request_id);
  append_short_wait(reply);
  return reply;
}

Reply exhausted(config::ExhaustedStatus mode, bool all_throttled, Duration wait, std::string_view request_id) {
  const int status = mode == config::ExhaustedStatus::s429 && all_throttled ? 429 : 503;
  return with_wait(status, "no_backend_available", "No capacity is available for this request at the moment.", wait,
                   request_id);
}

Reply owner_unavailable(Duration wait, std::string_view request_id) {
  return with_wait(503, "owner_unavailable", "What this request refers to cannot be reached at the moment.", wait,
                   request_id);
}

}  // namespace spillway::forward::replies
