#pragma once

namespace spillway::app {

// `spillway`: argv to exit code. 0 fine, 1 it did not work, 2 wrong usage.
int main(int argc, char** argv);

}  // namespace spillway::app
