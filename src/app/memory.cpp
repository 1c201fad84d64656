#include "memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>

#include "cgroup.hpp"
#include "spillway/base/text.hpp"

namespace spillway::app {

std::uint64_t parse_memory_max(std::string_view text) noexcept {
  return parse_number<std::uint64_t>(trim(text)).value_or(std::numeric_limits<std::uint64_t>::max());
}

std::uint64_t usable_memory() {
  std::uint64_t least =
      static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  for (const std::string& limit : cgroup_lines("memory.max")) least = std::min(least, parse_memory_max(limit));
  if (const auto limit = first_line("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
    least = std::min(least, parse_memory_max(*limit));
  return least;
}

std::uint64_t body_memory(const config::Limits& limits, std::uint64_t usable) noexcept {
  return limits.body_memory.value_or(usable / 2);
}

}  // namespace spillway::app
