#pragma once

#include "spillway/config/config.hpp"
#include "spillway/observe/access_log.hpp"

namespace spillway::forward {

// Writes the line of a request that has ended, if it gets one.
void log_access(const config::Log& settings, observe::AccessRecord& record);

}  // namespace spillway::forward
