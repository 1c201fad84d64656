#pragma once

#include "answer.hpp"
#include "identity.hpp"

namespace spillway::lab {

// The control listener's answers below /identity (docs/simulator.md). Without identity services, 404. Never changes
// anything when it answers with an error.
Answer identity_control(Identity* identity, const Request& request, Moment moment);

}  // namespace spillway::lab
