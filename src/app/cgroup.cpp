#include "cgroup.hpp"

#include <fstream>
#include <utility>

namespace spillway::app {

std::optional<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

std::vector<std::string> cgroup_lines(std::string_view file) {
  std::vector<std::string> lines;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string entry; std::getline(groups, entry);) {
    if (!entry.starts_with("0::")) continue;
    std::string path = entry.substr(3);
    for (;;) {
      const std::string folder = "/sys/fs/cgroup" + (path == "/" ? std::string() : path);
      if (auto line = first_line(folder + "/" + std::string(file))) lines.push_back(std::move(*line));
      const std::size_t slash = path.rfind('/');
      if (path.size() <= 1 || slash == std::string::npos) break;
      path = slash == 0 ? "/" : path.substr(0, slash);
    }
  }
  return lines;
}

}  // namespace spillway::app
