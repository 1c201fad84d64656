#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "commands.hpp"
#include "scenarios.hpp"
#include "signals.hpp"

namespace spillway::lab {
namespace {

// True when all was as expected.
bool play(const Scenario& scenario, const std::string& program, const SignalWatch& signals, const Paint& paint) {
  fmt::print("{}  {}\n", paint.bold(scenario.name), scenario.story);
  std::fflush(stdout);
  Stage stage(program, scenario.plan());
  std::string problem;
  if (!stage.open(problem)) {
    fmt::print(stderr, "spillway-lab: {}\n", problem);
    return false;
  }
  ScenarioRun run(stage, signals);
  scenario.play(run);
  const bool stopped = stage.close();
  if (signals.arrived()) return false;
  if (!stopped) run.found(is("the gateway's end", "in order", "not in order"));
  fmt::print("{}", table(run.findings(), paint));
  const bool good = all_met(run.findings());
  fmt::print("   {}\n\n",
             good ? paint.good("=> as it should be") : paint.bad("=> this is not what should have happened"));
  std::fflush(stdout);
  return good;
}

}  // namespace

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) names.emplace_back(scenario.name);
  return names;
}

int scenario(const ScenarioOptions& options) {
  if (options.list) {
    for (const Scenario& one : scenarios()) fmt::print("{:<12}  {}\n", one.name, one.story);
    fmt::print("{:<12}  {}\n", "all", "one after another");
    return 0;
  }
  const SignalWatch signals;
  const Paint paint(::isatty(STDOUT_FILENO) == 1);
  const std::string program = gateway_program(options.gateway);
  bool good = true;
  for (const Scenario& one : scenarios()) {
    if (options.name != one.name && options.name != "all") continue;
    good = play(one, program, signals, paint) && good;
    if (signals.arrived()) return 1;
  }
  return good ? 0 : 1;
}

}  // namespace spillway::lab
