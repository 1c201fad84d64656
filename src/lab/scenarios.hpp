#pragma once

#include <string_view>
#include <vector>

#include "scenario_run.hpp"
#include "stage.hpp"

namespace spillway::lab {

// One of the ways to route, to be seen at work.
struct Scenario {
  std::string_view name;
  std::string_view story;
  StagePlan (*plan)();
  void (*play)(ScenarioRun& run);
};

// In the order `all` plays them.
const std::vector<Scenario>& scenarios();

// A resource of a plan: pay-as-you-go without limits, its first byte after `first_byte`.
std::string plain_resource(std::string_view name, std::string_view region, std::string_view deployment = "gpt-4o-mini",
                           std::string_view first_byte = "5ms");

StagePlan latency_plan();
void play_latency(ScenarioRun& run);

// What `overhead` measures in a round: two kinds of request, each on three ways.
inline constexpr int overhead_legs = 6;
StagePlan overhead_plan();
void play_overhead(ScenarioRun& run);

}  // namespace spillway::lab
