#pragma once

#include "bench.hpp"

namespace spillway::fuzz {

// Ends the process unless
// - every request that reached a backend is one the client sent, in the client's order, with the same method, path and
//   body, whole only if the client's was, and nothing of one that was refused;
// - none of the client's credentials and connection fields went along;
// - the client got one answer to each request, in order, none of which looks whole without being so;
// - answers said to be a backend's are what one of them sent, in order.
void check(const Play& play, const Outcome& outcome);

}  // namespace spillway::fuzz
