#pragma once

#include <string_view>

#include "answer.hpp"
#include "spillway/base/time.hpp"

// Azure's error answers, word for word where it publishes them.
namespace spillway::lab::errors {

Answer invalid_key();
// 401 of an access token that is not good, and of one whose bearer has no role there.
Answer invalid_token(std::string_view audience);
Answer principal_denied();
Answer resource_not_found();
Answer api_version_not_supported();
Answer deployment_not_found();
Answer operation_not_supported(std::string_view operation, std::string_view model);
Answer invalid_json();
Answer model_missing();
// 400 `invalid_request_error`; `param` and `code` may be empty: null.
Answer invalid_request(std::string_view message, std::string_view param = {}, std::string_view code = {});
Answer context_length(std::int64_t window, std::int64_t tokens);
Answer content_filter();
Answer previous_response_not_found(std::string_view id);
// 404 of an object that lives in a resource.
Answer no_such_object(std::string_view message);

// 429s carry `retry-after` (whole seconds, rounded up) and `retry-after-ms`.
Answer rate_limit_old(std::string_view operation, std::string_view version, bool tokens, Milliseconds retry_after);
Answer rate_limit_new(std::string_view deployment, std::string_view model, std::string_view region, bool tokens,
                      Milliseconds retry_after);
Answer provisioned_full(Milliseconds retry_after);

// The answer of an outage with this status.
Answer outage(int status);
void add_retry_after(Answer& answer, Milliseconds wait);

}  // namespace spillway::lab::errors
