#pragma once

#include <cstdint>
#include <string_view>

#include "spillway/config/config.hpp"

namespace spillway::app {

// The least of the limits that hold for this process: of its cgroups (`memory.max`; version 1: `memory.limit_in_bytes`)
// and the machine's memory. In bytes.
std::uint64_t usable_memory();

// What `memory.max` says, in bytes; the largest number there is for `max` and for anything else.
std::uint64_t parse_memory_max(std::string_view text) noexcept;

// How much of that bodies may take by this configuration.
std::uint64_t body_memory(const config::Limits& limits, std::uint64_t usable) noexcept;

}  // namespace spillway::app
