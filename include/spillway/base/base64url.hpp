#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spillway {

// Base64url without padding (RFC 4648 5, RFC 7515 2).
std::string base64url(std::span<const std::uint8_t> bytes);
std::string base64url(std::string_view text);
// Back again. Nothing for any other text, also for one whose unused bits are not zero, so that every value has one way
// of writing it.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace spillway
