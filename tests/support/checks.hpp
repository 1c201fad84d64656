#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "http_message.hpp"
#include "test_gateway.hpp"

namespace spillway::test {

// The body as JSON; a discarded value when it is none.
nlohmann::json json_of(const Message& message);

// An answer made by the gateway itself: its status and code, OpenAI's error shape and nothing else in it, a request id,
// and no word of what stands behind the gateway.
testing::AssertionResult is_gateway_error(const Message& answer, int status, const std::string& code);

// The value of one series of a Prometheus text, such as `spillway_retries_total{pool="openai"}`; 0 when there is none.
double metric(const std::string& text, const std::string& series);

// Waits until a series has the value: a request is counted once its answer has gone out.
testing::AssertionResult reaches(const TestGateway& gateway, const std::string& series, double value);

// `pools[0].members[index]` of a `/status` document.
nlohmann::json member_of(const std::string& status, std::size_t index);

}  // namespace spillway::test
