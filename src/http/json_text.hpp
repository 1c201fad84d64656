#pragma once

#include <optional>
#include <string>
#include <string_view>

// The inside of JSON strings and scalars (RFC 8259).
namespace spillway::http {

// Escapes resolved; nothing when one is broken or names half of a surrogate pair.
std::optional<std::string> json_unescape(std::string_view contents);

// `true`, `false`, `null` or a number.
bool is_json_scalar(std::string_view text) noexcept;

}  // namespace spillway::http
