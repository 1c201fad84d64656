#pragma once

#include <map>
#include <string>
#include <vector>

namespace spillway::test {

struct Finished {
  int code = -1;  // -1: a signal ended it
  std::string out;
  std::string err;
};

// Runs a program to its end with these variables added to the environment.
Finished run_program(const std::vector<std::string>& command,
                     const std::map<std::string, std::string>& environment = {});

}  // namespace spillway::test
