#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::lab {

// Members keep the order they are written in, as Azure's answers have a customary one.
using Json = nlohmann::ordered_json;

// One line; text that is not UTF-8 gets replacement characters.
std::string dump(const Json& value);
// Nothing when the text is not JSON.
std::optional<Json> parse_json(std::string_view text);

// The member, or null when `object` is no object or has none.
const Json& member(const Json& object, std::string_view key);
// The text of a string, empty for everything else.
std::string text_of(const Json& value);
// A whole number, `otherwise` for everything else.
std::int64_t number_of(const Json& value, std::int64_t otherwise);
// Exactly `true`.
bool is_true(const Json& value);

}  // namespace spillway::lab
