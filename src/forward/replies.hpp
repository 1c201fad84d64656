#pragma once

#include <string>
#include <string_view>

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"
#include "spillway/http/reader.hpp"
#include "spillway/http/websocket.hpp"
#include "spillway/listener/exchange.hpp"
#include "spillway/routing/access.hpp"
#include "spillway/routing/token_refusal.hpp"

// The answers the gateway makes itself, all in OpenAI's error shape and without any internal detail. Pure.
namespace spillway::forward::replies {

using listener::Reply;

// `{"error":{"code":…,"message":…,"type":…,"param":null}}`
Reply error(int status, std::string_view code, std::string_view message, std::string_view request_id);

// Adds the Date that RFC 9110 6.6.1 asks of whoever makes an answer.
void date(Reply& reply, WallTime now);

Reply rejected(const http::Rejection& rejection, std::string_view request_id);
Reply not_admitted(routing::Access::Refusal refusal, std::string_view request_id);
// 401 with the WWW-Authenticate of RFC 6750 3, 403, or 503 while there are no keys to check tokens with.
Reply token_refused(routing::TokenRefusal refusal, std::string_view request_id);
// The client has as many requests under way as it may.
Reply too_many_requests(std::string_view request_id);
Reply route_not_found(std::string_view request_id);
Reply route_not_allowed(std::string_view request_id);
Reply model_required(std::string_view request_id);
Reply model_not_found(std::string_view request_id);
Reply denied(const config::Deny& deny, std::string_view request_id);
Reply body_not_json(std::string_view request_id);
Reply duplicate_model(std::string_view request_id);
Reply several_owners(std::string_view request_id);
Reply malformed_body(std::string_view request_id);
Reply request_timeout(std::string_view request_id);
Reply request_too_large(std::string_view request_id);
Reply upgrade_not_supported(std::string_view request_id);
// 400, or 426 with the version there is (RFC 6455 4.2.2).
Reply bad_handshake(http::HandshakeProblem problem, std::string_view request_id);
Reply upstream_error(std::string_view request_id);
Reply upstream_timeout(std::string_view request_id);
Reply overloaded(std::string_view request_id);

// Nothing is eligible: 503, or 429 in that mode when throttling is the only reason. `wait` is the time until the
// earliest member may answer: `Retry-After` in whole seconds, rounded up and at least 1, and `retry-after-ms`.
Reply exhausted(config::ExhaustedStatus mode, bool all_throttled, Duration wait, std::string_view request_id);

// The one backend that can answer this request cannot take it now. `wait` as above.
Reply owner_unavailable(Duration wait, std::string_view request_id);

}  // namespace spillway::forward::replies
