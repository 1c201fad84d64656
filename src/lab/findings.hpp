#pragma once

#include <string>
#include <vector>

#include "paint.hpp"

namespace spillway::lab {

// One thing a scenario looked at: what should be, what was.
struct Finding {
  std::string what;
  std::string expected;
  std::string observed;
  bool met = false;
};

Finding exactly(std::string what, long expected, long observed);
Finding is(std::string what, const std::string& expected, const std::string& observed);
// Shares in percent, both ends included.
Finding between(std::string what, double low, double high, double observed);
Finding one_of(std::string what, const std::vector<std::string>& expected, const std::string& observed);

// True when there are some and all are met.
bool all_met(const std::vector<Finding>& findings);
// Expected beside observed, a line each, with a heading.
std::string table(const std::vector<Finding>& findings, const Paint& paint);

}  // namespace spillway::lab
