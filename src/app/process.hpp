#pragma once

#include "spillway/base/time.hpp"
#include "spillway/observe/metrics.hpp"

namespace spillway::app {

// What the kernel says of this process now: its CPU time, memory (proc(5), statm) and file descriptors.
observe::Metrics::ProcessSample process_sample(WallTime started_at);

}  // namespace spillway::app
