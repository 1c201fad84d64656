#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// What tokens and key sets are written in.
namespace spillway::routing {

// Base64url without padding (RFC 7515 2). Nothing for any other text, also for one whose unused bits are not zero, so
// that every value has one way of writing it.
std::optional<std::string> decode_base64url(std::string_view text);

// A JSON object. Nothing when it is none, or when any object in it has a key twice: two readers could then understand
// two different things.
std::optional<nlohmann::json> parse_object(std::string_view text);

// The string under `key`, or nothing.
std::optional<std::string_view> string_of(const nlohmann::json& object, const char* key);

}  // namespace spillway::routing
