#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "demo_report.hpp"
#include "http_client.hpp"
#include "signals.hpp"

namespace spillway::lab {

// Where the demo's chat requests go.
inline constexpr std::string_view demo_path = "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21";

// The same request `count` times, `at_once` of them side by side, each caller with a connection of its own. Stops early
// when a signal comes.
std::vector<Sent> ask_many(const HttpClient::Target& target, const std::string& key, std::string_view prompt, int count,
                           int at_once, const SignalWatch& signals);

}  // namespace spillway::lab
