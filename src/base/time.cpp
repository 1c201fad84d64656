#include "spillway/base/time.hpp"

#include <cstdio>
#include <ctime>

namespace spillway {

std::string format_time(WallTime time) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(time);
  const auto millis = floor<milliseconds>(time - whole).count();
  const std::time_t clock = system_clock::to_time_t(whole);
  std::tm parts{};
  gmtime_r(&clock, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(millis));
  return text;
}

}  // namespace spillway
