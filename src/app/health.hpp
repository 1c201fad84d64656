#pragma once

#include <string>

namespace spillway::app {

// Asks an admin listener (`127.0.0.1:9901`) for `/readyz`, within five seconds. True when it is ready; `said` is what
// it answered, or why it could not be asked.
bool ask_ready(const std::string& address, std::string& said);

}  // namespace spillway::app
