#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "commands.hpp"
#include "scenarios.hpp"
#include "signals.hpp"
#include "text_file.hpp"

namespace spillway::lab {
namespace {

constexpr int usage_error = 2;
constexpr std::string_view measuring_one = "overhead";

int refuse(const std::string& problem) {
  fmt::print(stderr, "spillway-lab scenario: {}\n", problem);
  return usage_error;
}

bool save(const std::string& file, const std::string& text) {
  std::string problem;
  const bool saved = write_text_file(file, text, problem);
  if (!saved) fmt::print(stderr, "spillway-lab: {}\n", problem);
  if (saved) fmt::print("Saved {}\n", file);
  return saved;
}

struct Performance {
  std::string program;
  const SignalWatch& signals;
  Paint paint;
  MeasuringPlan measuring;
  std::string json;  // where to save what is measured; empty: nowhere
};

// True when all was as expected.
bool play(const Scenario& scenario, const Performance& how) {
  fmt::print("{}  {}\n", how.paint.bold(scenario.name), scenario.story);
  std::fflush(stdout);
  Stage stage(how.program, scenario.plan());
  std::string problem;
  if (!stage.open(problem)) {
    fmt::print(stderr, "spillway-lab: {}\n", problem);
    return false;
  }
  ScenarioRun run(stage, how.signals, how.measuring);
  scenario.play(run);
  const bool stopped = stage.close();
  if (how.signals.arrived()) return false;
  if (!stopped) run.found(is("the gateway's end", "in order", "not in order"));
  const bool good = all_met(run.findings());
  if (run.overhead()) fmt::print("{}", overhead_text(*run.overhead(), how.paint));
  fmt::print("{}", table(run.findings(), how.paint));
  fmt::print("   {}\n\n",
             good ? how.paint.good("=> as it should be") : how.paint.bad("=> this is not what should have happened"));
  const bool saved = !run.overhead() || how.json.empty() || save(how.json, overhead_json(*run.overhead(), good));
  std::fflush(stdout);
  return good && saved;
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
  if (options.measuring() && options.name != measuring_one)
    return refuse(fmt::format("--rate, --duration, --rounds and --json belong to {}", measuring_one));
  std::string problem;
  const auto measuring = read_measuring(options.rate, options.duration, options.rounds, overhead_legs, problem);
  if (!measuring || (!options.json.empty() && !can_write_file(options.json, problem))) return refuse(problem);
  const SignalWatch signals;
  const Performance how{gateway_program(options.gateway), signals, Paint(::isatty(STDOUT_FILENO) == 1), *measuring,
                        options.json};
  bool good = true;
  for (const Scenario& one : scenarios()) {
    if (options.name != one.name && options.name != "all") continue;
    good = play(one, how) && good;
    if (signals.arrived()) return 1;
  }
  return good ? 0 : 1;
}

}  // namespace spillway::lab
