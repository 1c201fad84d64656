#pragma once

#include <string>
#include <vector>

#include "load_options.hpp"

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

  // Of `overhead` alone; empty or 0: as usual.
  std::string rate;
  std::string duration;
  int rounds = 0;
  std::string json;  // a file
  bool measuring() const { return !rate.empty() || !duration.empty() || rounds != 0 || !json.empty(); }
};
// 0 when everything was as expected, 2 when the options make no sense.
int scenario(const ScenarioOptions& options);
std::vector<std::string> scenario_names();

// 0 when all requests succeeded, 1 when some did not, 2 when the options make no sense.
int load(const LoadOptions& options);

struct CompareOptions {
  std::vector<std::string> files;  // as `load --json` saves them
};
int compare(const CompareOptions& options);

}  // namespace spillway::lab
