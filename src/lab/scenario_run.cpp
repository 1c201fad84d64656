#include "scenario_run.hpp"

#include <thread>

namespace spillway::lab {
namespace {

constexpr Milliseconds patience{15'000};
constexpr Milliseconds look_again{20};

}  // namespace

std::vector<Sent> ScenarioRun::ask(const Ask& ask, int count, int at_once) {
  return Callers(stage_.gateway(), stage_.client_key(), ask, at_once, count).wait(signals_);
}

std::unique_ptr<Callers> ScenarioRun::keep_asking(const Ask& ask, int at_once) {
  return std::make_unique<Callers>(stage_.gateway(), stage_.client_key(), ask, at_once);
}

std::vector<Sent> ScenarioRun::run(LoadEngine& engine, const LoadPlan& plan) const {
  std::vector<Sent> all;
  std::atomic<bool> busy = true;
  const std::jthread sender([&] {
    engine.run(plan, [&](Sent&& sent) { all.push_back(std::move(sent)); });
    busy = false;
  });
  bool given_up = false;
  while (busy) {
    std::this_thread::sleep_for(look_again);
    if (given_up || !interrupted()) continue;
    given_up = true;
    engine.abandon();
  }
  return all;
}

void ScenarioRun::set_fault(const std::string& resource, const std::optional<Fault>& fault) {
  stage_.simulator().with_resources([&](std::vector<Resource>& resources) {
    for (Resource& one : resources) {
      if (one.config().name != resource) continue;
      one.faults().clear("");
      if (fault) one.faults().set("", *fault);
    }
  });
}

long ScenarioRun::answered(const std::string& resource, const std::string& outcome) {
  long count = 0;
  stage_.simulator().with_resources([&](std::vector<Resource>& resources) {
    for (const Resource& one : resources) {
      if (one.config().name == resource) count += static_cast<long>(one.count(outcome));
    }
  });
  return count;
}

bool ScenarioRun::wait_until_closed(const std::string& backend) const {
  for (const TimePoint give_up = Clock::now() + patience; Clock::now() < give_up && !interrupted();) {
    if (!stage_.circuit_open(backend)) return true;
    std::this_thread::sleep_for(look_again);
  }
  return false;
}

void ScenarioRun::wait_until(const Callers& callers, double seconds) const {
  while (callers.now() < seconds && !interrupted()) std::this_thread::sleep_for(look_again);
}

}  // namespace spillway::lab
