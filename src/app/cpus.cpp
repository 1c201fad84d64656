#include "cpus.hpp"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>

#include "cgroup.hpp"
#include "spillway/base/text.hpp"

namespace spillway::app {
namespace {

std::optional<int> cpus_of(std::int64_t quota, std::int64_t period) {
  if (quota <= 0 || period <= 0) return std::nullopt;
  return static_cast<int>(std::clamp<std::int64_t>((quota + period - 1) / period, 1, 4096));
}

// The least of the quotas that hold for this process.
std::optional<int> quota() {
  std::optional<int> least;
  for (const std::string& line : cgroup_lines("cpu.max")) {
    if (const auto cpus = parse_cpu_max(line)) least = std::min(*cpus, least.value_or(*cpus));
  }
  if (least) return least;
  const auto quota_us = first_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto period_us = first_line("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (!quota_us || !period_us) return std::nullopt;
  return cpus_of(parse_number<std::int64_t>(*quota_us).value_or(0), parse_number<std::int64_t>(*period_us).value_or(0));
}

}  // namespace

std::optional<int> parse_cpu_max(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto quota_us = parse_number<std::int64_t>(text.substr(0, space));
  const auto period_us = parse_number<std::int64_t>(trim(text.substr(space + 1)));
  if (!quota_us || !period_us) return std::nullopt;
  return cpus_of(*quota_us, *period_us);
}

int usable_cpus() {
  cpu_set_t set;
  int cpus = static_cast<int>(std::thread::hardware_concurrency());
  if (::sched_getaffinity(0, sizeof set, &set) == 0) cpus = CPU_COUNT(&set);
  if (const auto limit = quota()) cpus = std::min(cpus, *limit);
  return std::max(1, cpus);
}

}  // namespace spillway::app
