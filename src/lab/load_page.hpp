#pragma once

#include <string>

#include "load_result.hpp"

namespace spillway::lab {

// The report of a run: one HTML page that needs nothing else, neither network nor script. Texts of servers are escaped.
std::string load_page(const LoadResult& result);

}  // namespace spillway::lab
