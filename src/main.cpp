#include "app/commands.hpp"

// Read by jemalloc, which the release is linked with (jemalloc(3), TUNING). What a burst of connections took is given
// back to the system within a second, also when nothing happens after it.
extern "C" const char* malloc_conf;
const char* malloc_conf = "background_thread:true,max_background_threads:1,dirty_decay_ms:1000";

int main(int argc, char** argv) {
  return spillway::app::main(argc, argv);
}
