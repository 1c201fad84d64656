#pragma once

#include <cstdint>
#include <queue>

#include "spillway/base/time.hpp"

// When the requests of a run are sent. Times are since the run began and come in as arguments.
namespace spillway::lab {

struct LoadPlan {
  std::uint64_t requests = 0;   // 0: no limit
  std::uint32_t in_flight = 1;  // callers side by side; with a rate the most requests in flight
  Duration delay{0};            // between an answer and its caller's next request
  double rate = 0;              // requests a second; 0: each caller waits for its answer
  Duration lasts{0};            // nothing is due from then on; 0: no limit
};

// With a rate a request is due at its time whatever became of those before it (an open loop): an answer that is late
// delays none, and what a request waits for a free place counts as its own time. Without one every caller sends its
// next request when the last one is answered and the delay is over (a closed loop).
class Schedule {
 public:
  explicit Schedule(const LoadPlan& plan);

  enum class Todo { send, wait, wait_for_answer, over };
  struct Step {
    Todo todo = Todo::over;
    Duration at{0};  // send: when it was due; wait: until when
  };
  // What to do now. After `send` there is one more in flight.
  Step next(Duration now);
  // One in flight has ended.
  void answered(Duration now);
  // Nothing is due any more.
  void stop() noexcept { stopped_ = true; }

  std::uint64_t sent() const noexcept { return sent_; }
  std::uint32_t in_flight() const noexcept { return in_flight_; }
  // Requests of a rate that had to wait because as many as allowed were in flight.
  std::uint64_t held_back() const noexcept { return held_back_; }

 private:
  Step next_of_rate(Duration now);
  Step next_of_callers(Duration now);
  Step send(Duration due);

  LoadPlan plan_;
  std::queue<Duration> ready_;  // from when each caller without a request may send one, earliest first
  std::uint64_t sent_ = 0;
  std::uint64_t held_back_ = 0;
  std::uint32_t in_flight_ = 0;
  bool holding_ = false;  // the next one is held back
  bool stopped_ = false;
};

}  // namespace spillway::lab
