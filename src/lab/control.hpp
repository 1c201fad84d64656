#pragma once

#include <string>
#include <vector>

#include "answer.hpp"
#include "resource.hpp"

namespace spillway::lab {

// The control listener's answers: faults and counters while it runs (docs/simulator.md). Never changes anything when it
// answers with an error.
Answer control(std::vector<Resource>& resources, const Request& request, TimePoint now);

}  // namespace spillway::lab
