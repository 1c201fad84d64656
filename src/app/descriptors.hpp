#pragma once

#include <cstddef>

namespace spillway::app {

// Raises the soft limit of open files to the hard one and lets the kernel make its table for them, which stalls all
// threads for milliseconds when it happens later. Call before the first thread starts.
void prepare_descriptors();

// How many of `wanted` client connections there are descriptors for. Each may need one more to a backend, and some are
// needed besides, so clients get half of what the limit of open files leaves.
std::size_t affordable_connections(std::size_t wanted);

}  // namespace spillway::app
