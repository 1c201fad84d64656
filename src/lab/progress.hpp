#pragma once

#include <cstdint>
#include <string>

#include "load_result.hpp"
#include "spillway/base/time.hpp"

namespace spillway::lab {

// How far a run is.
struct Stand {
  Duration since{0};
  std::uint64_t ended = 0;
  std::uint64_t failed = 0;
  std::uint32_t in_flight = 0;
};

// `12 s of 60 s: 1200 ended, 35 in flight, 2 failed`
std::string progress_text(const Stand& stand, const LoadParameters& parameters);

// Says on standard error how far a run is: on a terminal in one line that is written again and again, else in a line
// every 10 s.
class Progress {
 public:
  explicit Progress(bool terminal) : terminal_(terminal) {}

  // What to write now; empty when it is too early for more.
  std::string next(const Stand& stand, const LoadParameters& parameters);
  // Takes the line off the terminal again.
  std::string last() const { return shown_ && terminal_ ? "\r\x1b[K" : ""; }

 private:
  bool terminal_;
  bool shown_ = false;
  Duration next_at_{std::chrono::seconds(1)};
};

}  // namespace spillway::lab
