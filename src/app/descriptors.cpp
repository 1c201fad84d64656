#include "descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

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

}  // namespace spillway::app
