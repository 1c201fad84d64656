#pragma once

#include <string>
#include <vector>

#include "spillway/config/config.hpp"

namespace spillway::app {

// What a configuration says differently from the one the process started with and a reload cannot put in force: a line
// for the log each.
std::vector<std::string> changes_for_a_restart(const config::Config& started_with, const config::Config& now);

}  // namespace spillway::app
