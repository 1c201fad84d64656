#include "events.hpp"

#include <algorithm>
#include <utility>

namespace spillway::app {
namespace {

template <class Event>
void keep(std::deque<Event>& all, Event newest, std::size_t at_most) {
  all.push_front(std::move(newest));
  if (all.size() > at_most) all.pop_back();
}

}  // namespace

void Events::add(std::string_view backend, std::string_view deployment, const pool::Transition& change, WallTime now) {
  Transition seen;
  seen.time = now;
  seen.backend = backend;
  seen.deployment = deployment;
  seen.from = change.from;
  seen.to = change.to;
  seen.rule = change.rule;
  if (change.to == pool::CircuitState::open) seen.open_for = change.open_for;
  const std::lock_guard lock(mutex_);
  seen.number = ++count_;
  keep(transitions_, std::move(seen), transitions_kept);
}

void Events::add_reload(std::string sha256, const std::vector<std::string>& problems, WallTime now) {
  Reload seen;
  seen.time = now;
  seen.sha256 = std::move(sha256);
  seen.problem_count = problems.size();
  seen.problems.assign(problems.begin(),
                       problems.begin() + static_cast<std::ptrdiff_t>(std::min(problems.size(), problems_kept)));
  const std::lock_guard lock(mutex_);
  keep(reloads_, std::move(seen), reloads_kept);
}

std::vector<Events::Transition> Events::transitions() const {
  const std::lock_guard lock(mutex_);
  return {transitions_.begin(), transitions_.end()};
}

std::vector<Events::Reload> Events::reloads() const {
  const std::lock_guard lock(mutex_);
  return {reloads_.begin(), reloads_.end()};
}

}  // namespace spillway::app
