#pragma once

namespace spillway::app {

// Raises the soft limit of open files to the hard one and lets the kernel make its table for them, which stalls all
// threads for milliseconds when it happens later. Call before the first thread starts.
void prepare_descriptors();

}  // namespace spillway::app
