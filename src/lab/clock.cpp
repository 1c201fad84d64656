#include "clock.hpp"

#include <chrono>

namespace spillway::lab {

Moment this_moment() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {Clock::now(), std::chrono::duration_cast<std::chrono::seconds>(since_1970).count()};
}

}  // namespace spillway::lab
