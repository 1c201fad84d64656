#include "cgroup.hpp"

#include <fstream>

namespace spillway::app {

std::vector<std::string> cgroup_lines(std::string_view file) {
  std::vector<std::string> lines;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string entry; std::getline(groups, entry);) {
    if (!entry.starts_with("0::")) continue;
    std::string path = entry.substr(3);
    for (;;) {
      std::ifstream limit("/sys/fs/cgroup" + (path == "/" ? std::string() : path) + "/" + std::string(file));
      if (std::string line; std::getline(limit, line)) lines.push_back(std::move(line));
      const std::size_t slash = path.rfind('/');
      if (path.size() <= 1 || slash == std::string::npos) break;
      path = slash == 0 ? "/" : path.substr(0, slash);
    }
  }
  return lines;
}

}  // namespace spillway::app
