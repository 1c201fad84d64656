#pragma once

#include <CLI/CLI.hpp>

#include "load_options.hpp"

namespace spillway::lab {

// The options of `load`, with their help.
void add_load_flags(CLI::App& command, LoadOptions& options);

}  // namespace spillway::lab
