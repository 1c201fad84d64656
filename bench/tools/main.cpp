#include <csignal>

#include "support.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  bench::Arguments arguments(argc, argv);
  bench::run(arguments);
}
