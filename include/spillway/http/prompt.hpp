#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace spillway::http {

// What tells requests apart whose beginnings a backend may have in its prompt cache: the top-level `prompt_cache_key`,
// else the leading messages: `instructions` and the first two items of `messages` or `input` (or all of a string
// `input`'s first 4096 bytes). Equal for equal bytes of these values as written, on every machine and in every version;
// the order of keys and everything else in the body do not matter. Nothing for a body without any of them or that is
// not a JSON object; an empty or null value is none.
std::optional<std::uint64_t> prompt_hash(std::string_view json_body);

// A 64-bit hash that is the same on every machine and in every version (MurmurHash64A). Not for secrets, and not
// against those who look for collisions.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) noexcept;

}  // namespace spillway::http
