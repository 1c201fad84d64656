#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "spillway/pool/pool.hpp"

namespace spillway::pool {

using namespace std::chrono_literals;

// A moment of the test's own clock.
inline TimePoint at(Duration since_start) {
  return TimePoint{} + 1h + since_start;
}

inline Verdict ok() {
  return Verdict::answered(200);
}
inline Verdict throttled(std::optional<Milliseconds> retry_after = std::nullopt) {
  return Verdict::answered(429, retry_after);
}

inline config::BreakerRule rule(std::string name, int count, Milliseconds interval, Milliseconds trip, int min = 500,
                                int max = 599) {
  config::BreakerRule made;
  made.name = std::move(name);
  made.failure_condition.count = count;
  made.failure_condition.interval = interval;
  made.failure_condition.status_code_ranges = {{min, max}};
  made.trip_duration = trip;
  return made;
}

inline config::BreakerRule share_rule(int percentage, int min_requests, Milliseconds interval, Milliseconds trip) {
  config::BreakerRule made = rule("share", 1, interval, trip);
  made.failure_condition.count.reset();
  made.failure_condition.percentage = percentage;
  made.failure_condition.min_requests = min_requests;
  return made;
}

struct MemberOf {
  std::string backend;
  int priority = 1;
  int weight = 1;
};

// Builds a configuration by names.
struct Blueprint {
  config::Config config;

  Blueprint& backend(const std::string& name, std::optional<std::map<std::string, std::string>> deployments = {}) {
    config::Backend made;
    made.name = name;
    made.url.host = name + ".test";
    made.deployments = std::move(deployments);
    made.circuit_breaker = config::CircuitBreaker::defaults();
    config.backends.push_back(std::move(made));
    return *this;
  }
  // Backends not made yet are made.
  Blueprint& pool(const std::string& name, const std::vector<MemberOf>& members) {
    config::Pool made;
    made.name = name;
    for (const MemberOf& member : members)
      made.members.push_back({number(member.backend), member.priority, member.weight});
    config.pools.push_back(std::move(made));
    return *this;
  }
  config::Backend& of(const std::string& name) { return config.backends[number(name)]; }
  std::size_t number(const std::string& name) {
    for (std::size_t i = 0; i < config.backends.size(); ++i)
      if (config.backends[i].name == name) return i;
    backend(name);
    return config.backends.size() - 1;
  }
  std::shared_ptr<const config::Config> share() const { return std::make_shared<const config::Config>(config); }
};

// A circuit change as `backend/deployment from>to rule`.
struct Observed {
  std::vector<std::string> changes;
  std::vector<Transition> transitions;

  TransitionObserver observer() {
    return [this](std::string_view backend, std::string_view deployment, const Transition& transition) {
      changes.push_back(std::string(backend) + "/" + std::string(deployment) + " " +
                        std::string(name(transition.from)) + ">" + std::string(name(transition.to)) + " " +
                        transition.rule);
      transitions.push_back(transition);
    };
  }
};

inline std::unique_ptr<Fleet> fleet(const Blueprint& blueprint, const Fleet* previous = nullptr,
                                    TransitionObserver observer = {}) {
  return std::make_unique<Fleet>(blueprint.share(), previous, std::move(observer));
}

// The pick, which must succeed.
inline Picked picked(Pool& pool, const Wish& wish, TimePoint now, const Tried& tried = {}) {
  PickResult result = pool.pick(wish, tried, now);
  if (Picked* found = std::get_if<Picked>(&result)) return std::move(*found);
  ADD_FAILURE() << "no member was picked";
  return {};
}

inline Exhausted exhausted(Pool& pool, const Wish& wish, TimePoint now, const Tried& tried = {}) {
  const PickResult result = pool.pick(wish, tried, now);
  if (const Exhausted* found = std::get_if<Exhausted>(&result)) return *found;
  ADD_FAILURE() << "the pool was not exhausted";
  return {};
}

inline bool picks(Pool& pool, const Wish& wish, TimePoint now, const Tried& tried = {}) {
  const PickResult result = pool.pick(wish, tried, now);
  return std::holds_alternative<Picked>(result);
}

// Picks and settles once; which member it was.
inline std::size_t call(Pool& pool, const Wish& wish, TimePoint now, const Verdict& verdict = ok(),
                        const Tried& tried = {}) {
  Picked found = picked(pool, wish, now, tried);
  found.lease.settle(verdict, now);
  return found.member;
}

// How often each member was picked in `calls` calls.
inline std::vector<int> spread(Pool& pool, const Wish& wish, TimePoint now, int calls, const Tried& tried = {}) {
  std::vector<int> counts(pool.config().members.size());
  for (int i = 0; i < calls; ++i) ++counts[call(pool, wish, now, ok(), tried)];
  return counts;
}

inline Tried tried(std::initializer_list<std::size_t> members, std::initializer_list<std::size_t> answered_429 = {}) {
  Tried made;
  for (const std::size_t member : members) made.add(member);
  for (const std::size_t member : answered_429) made.add_throttled(member);
  return made;
}

}  // namespace spillway::pool
