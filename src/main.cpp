#include "app/commands.hpp"

int main(int argc, char** argv) { return spillway::app::main(argc, argv); }
