#pragma once

#include <string>
#include <vector>

// The commands of spillway-lab. Each returns the process's exit code.
namespace spillway::lab {

struct SimulateOptions {
  std::string config;  // a file; empty: three resources as in config/lab.yaml
};
int simulate(const SimulateOptions& options);

struct DemoOptions {
  bool once = false;    // stop after the scenarios
  std::string gateway;  // the spillway program; empty: beside this one
};
int demo(const DemoOptions& options);

struct ScenarioOptions {
  std::string name;     // one of scenario_names(), or `all`
  bool list = false;    // only says which there are
  std::string gateway;  // the spillway program; empty: beside this one
};
// 0 when everything was as expected.
int scenario(const ScenarioOptions& options);
std::vector<std::string> scenario_names();

}  // namespace spillway::lab
