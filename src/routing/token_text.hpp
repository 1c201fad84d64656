#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// What tokens and key sets are written in.
namespace spillway::routing {

// A JSON object. Nothing when it is none, or when any object in it has a key twice: two readers could then understand
// two different things.
std::optional<nlohmann::json> parse_object(std::string_view text);

// The string under `key`, or nothing.
std::optional<std::string_view> string_of(const nlohmann::json& object, const char* key);

}  // namespace spillway::routing
