#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "load_result.hpp"

// The JSON of a run, described in docs/load.md.
namespace spillway::lab {

// A line for each record, so that the file can be looked at.
std::string write_load_result(const LoadResult& result);

// What `compare` needs: everything but the records. Nothing, and why in `problem`, when the text is something else.
std::optional<LoadResult> read_load_result(std::string_view text, std::string& problem);

}  // namespace spillway::lab
