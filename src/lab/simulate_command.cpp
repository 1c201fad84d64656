#include <fmt/core.h>

#include <algorithm>
#include <thread>

#include "commands.hpp"
#include "signals.hpp"
#include "simulator.hpp"
#include "standard_lab.hpp"

namespace spillway::lab {
namespace {

void print_resources(const LabConfig& config, const Simulator& simulator) {
  std::size_t longest = 8;
  for (const ResourceConfig& resource : config.resources) longest = std::max(longest, resource.name.size());
  const std::vector<std::string> addresses = simulator.addresses();
  fmt::print("{:<{}}  {:<6}  {:<18}  {:<28}  {}\n", "RESOURCE", longest, "KIND", "REGION", "URL", "KEY");
  for (std::size_t i = 0; i < config.resources.size(); ++i) {
    const ResourceConfig& resource = config.resources[i];
    fmt::print("{:<{}}  {:<6}  {:<18}  {:<28}  {}\n", resource.name, longest, name(resource.kind), resource.region,
               "http://" + addresses[i], resource.keys.empty() ? "(tokens only)" : resource.keys.front());
    for (const DeploymentConfig& deployment : resource.deployments) {
      fmt::print("{:<{}}    {} ({})\n", "", longest, deployment.name, deployment.served_model());
    }
  }
  if (simulator.identity() != nullptr) {
    fmt::print("\n");
    for (const IdentityStand& stand : simulator.identity()->stands()) {
      fmt::print("{:<{}}  {}\n", stand.name(), std::max<std::size_t>(longest, 11), stand.hint());
    }
  }
  if (const std::string control = simulator.control_address(); !control.empty()) {
    fmt::print("\nFaults and counters: http://{} (docs/simulator.md)\n", control);
  }
  fmt::print("Ctrl-C stops it.\n");
  std::fflush(stdout);
}

}  // namespace

int simulate(const SimulateOptions& options) {
  const LoadedLab loaded = options.config.empty() ? load_lab_text(standard_lab) : load_lab_file(options.config);
  const std::string file = options.config.empty() ? "built-in configuration" : options.config;
  for (const LabProblem& problem : loaded.problems) fmt::print(stderr, "{}\n", format(problem, file));
  if (!loaded.problems.empty()) return 1;

  const SignalWatch signals;
  Simulator simulator(loaded.config);
  std::string problem;
  if (!simulator.open(problem)) {
    fmt::print(stderr, "spillway-lab: {}\n", problem);
    return 1;
  }
  print_resources(loaded.config, simulator);
  std::jthread loop([&simulator] { simulator.run(); });
  signals.wait();
  simulator.stop();
  return 0;
}

}  // namespace spillway::lab
