#include "descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "spillway/base/log.hpp"

namespace spillway::app {

void prepare_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t enough = 65536;
  const int highest = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, enough)) - 1;
  const int reserved = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, highest);
  if (reserved >= 0) ::close(reserved);
}

std::size_t affordable_connections(std::size_t wanted) {
  constexpr rlim_t for_ourselves = 32;
  constexpr rlim_t fewest = 4;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  const rlim_t left = limit.rlim_cur > for_ourselves ? limit.rlim_cur - for_ourselves : 0;
  const std::size_t affordable = std::max(fewest, left / 2);
  if (affordable >= wanted) return wanted;
  log::warn("the limit of open files is too low for limits.max_connections; fewer clients are served at a time",
            {{"open_files", limit.rlim_cur}, {"max_connections", wanted}, {"served", affordable}});
  return affordable;
}

}  // namespace spillway::app
