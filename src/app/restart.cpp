#include "restart.hpp"

#include <algorithm>
#include <cstddef>

namespace spillway::app {
namespace {

bool same_place(const config::Listener& a, const config::Listener& b) {
  return a.address == b.address && a.tls.has_value() == b.tls.has_value();
}

}  // namespace

std::vector<std::string> changes_for_a_restart(const config::Config& started_with, const config::Config& now) {
  std::vector<std::string> changes;
  const auto& before = started_with.listeners;
  const auto& after = now.listeners;
  if (!std::equal(after.begin(), after.end(), before.begin(), before.end(), same_place)) {
    changes.emplace_back("`listeners` changed; that takes a restart");
  } else {
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (after[i].tls == before[i].tls) continue;
      changes.push_back("`listeners[" + std::to_string(i) +
                        "].tls` changed; that takes a restart, and until then the files named before stay in use");
    }
  }
  if (now.admin != started_with.admin) changes.emplace_back("`admin` changed; that takes a restart");
  if (now.workers != started_with.workers) changes.emplace_back("`workers` changed; that takes a restart");
  return changes;
}

}  // namespace spillway::app
