#pragma once

#include "answer.hpp"

namespace spillway::lab {

// The moment it is called.
Moment this_moment();

}  // namespace spillway::lab
