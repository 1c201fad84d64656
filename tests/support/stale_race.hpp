#pragma once

#include <cstddef>

namespace spillway::test {

// What came of a race for kept connections: backends close each one some milliseconds after they have answered on it,
// and clients send their next request within five milliseconds of that moment.
struct StaleRace {
  std::size_t lost = 0;         // calls without a whole 200
  std::size_t answered = 0;     // requests a backend has answered
  std::size_t connections = 0;  // that backends have seen
};
StaleRace run_stale_race(std::size_t calls);

}  // namespace spillway::test
