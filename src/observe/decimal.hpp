#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace spillway::observe {

// Appends `units` / 10^`decimals` in decimal notation, exact and without trailing zeros: (1500, 3) is `1.5`. Negative
// values, which only a clock that went backwards could make, are 0.
void append_decimal(std::string& out, std::int64_t units, std::size_t decimals);

}  // namespace spillway::observe
