#pragma once

#include <functional>
#include <initializer_list>
#include <vector>

#include "spillway/net/loop.hpp"

namespace spillway::net {

// Signals of the process as events of a loop, whichever thread the kernel interrupts. One object at a time.
class Signals final : private EventTarget {
 public:
  explicit Signals(Loop& loop) noexcept : loop_(loop) {}
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // `on_signal` is called from the loop, with the number, until this object dies; then they do what they do by default.
  // Throws std::system_error when the kernel has no descriptors left. At most once.
  void listen(std::initializer_list<int> numbers, std::function<void(int)> on_signal);

 private:
  void on_events(std::uint32_t events) override;

  Loop& loop_;
  std::vector<int> numbers_;
  int pipe_ = -1;  // the end that is read
  std::function<void(int)> on_signal_;
};

}  // namespace spillway::net
