#pragma once

#include <string>
#include <vector>

#include "answer.hpp"
#include "identity.hpp"
#include "resource.hpp"

namespace spillway::lab {

// The control listener's answers: faults and counters while it runs (docs/simulator.md). Never changes anything when it
// answers with an error.
// `identity` is null when there are no identity services.
Answer control(std::vector<Resource>& resources, Identity* identity, const Request& request, Moment moment);

}  // namespace spillway::lab
