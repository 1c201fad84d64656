#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace spillway::http {

// What tells requests apart whose beginnings a backend may have in its prompt cache: the top-level `prompt_cache_key`,
// else the leading messages: `instructions` and the first two items of `messages` or `input` (or all of a string
// `input`'s first 4096 bytes). Equal for equal bytes, on every machine and in every version; nothing for a body without
// any of them or that is not JSON.
std::optional<std::uint64_t> prompt_hash(std::string_view json_body);

// A 64-bit hash that is the same on every machine and in every version. Not for secrets.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) noexcept;

}  // namespace spillway::http
