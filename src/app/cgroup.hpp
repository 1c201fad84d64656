#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::app {

// Without its end; nothing when there is no such file or it is empty.
std::optional<std::string> first_line(const std::string& path);

// The first line of a file of this process's cgroup (version 2) and of those above it, the own one first; without those
// that have no such file. Limits of all of them hold at once.
std::vector<std::string> cgroup_lines(std::string_view file);

}  // namespace spillway::app
