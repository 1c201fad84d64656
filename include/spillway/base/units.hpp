#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spillway/base/time.hpp"

namespace spillway {

// `250ms`, `10s`, `5m`, `1h`, or ISO 8601 as Bicep writes it: `PT10S`, `PT1M30S`, `PT0.5S`, `P1D`. No sign, no bare
// numbers; nothing on anything else or when it passes 10 years.
std::optional<Milliseconds> parse_duration(std::string_view text) noexcept;

// The shortest exact form in the first notation: `1500ms`, `10s`, `5m`, `0s`.
std::string format_duration(Milliseconds duration);

// `512`, `64KiB`, `8MiB`, `1GiB`, also `KB`, `MB`, `GB` (powers of 1000); nothing on anything else or on overflow.
std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

// `32KiB`, `8MiB`, or plain bytes.
std::string format_size(std::uint64_t bytes);

}  // namespace spillway
