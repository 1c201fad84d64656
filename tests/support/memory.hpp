#pragma once

#include <cstddef>

namespace spillway::test {

// What this process holds in memory.
std::size_t resident_bytes();

}  // namespace spillway::test
