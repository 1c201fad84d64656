#pragma once

#include <string>

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

}  // namespace spillway::lab
