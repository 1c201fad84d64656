#pragma once

#include <optional>
#include <string_view>

namespace spillway::app {

// CPUs this process may use: its affinity mask, cut by the cgroup's quota (v2 `cpu.max`, v1 `cpu.cfs_quota_us`),
// rounded up. At least 1.
int usable_cpus();

// The quota of `cpu.max`, `200000 100000`, in CPUs rounded up; nothing for `max` and nonsense.
std::optional<int> parse_cpu_max(std::string_view text);

}  // namespace spillway::app
