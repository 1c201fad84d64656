#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <utility>

#include "spillway/net/loop.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::net {

// A loop that the test runs itself.
class LoopTest : public testing::Test {
 protected:
  // Runs the loop until the coroutine has ended.
  void run(awaitable<void> coroutine) {
    bool done = false;
    spawn(std::move(coroutine), [&] { done = true; });
    run_until([&] { return done; });
  }

  // Starts one beside what the test does; `ended` is called from the loop.
  void spawn(awaitable<void> coroutine, std::function<void()> ended) {
    loop_.spawn(std::move(coroutine), [ended = std::move(ended)](const std::exception_ptr& thrown) {
      EXPECT_FALSE(thrown);
      ended();
    });
  }

  // Handles events one by one until `condition` holds; fails when that takes too long.
  template <class Condition>
  void run_until(Condition condition) {
    const TimePoint end = Clock::now() + std::chrono::seconds(20);
    for (;;) {
      loop_.poll();
      if (condition()) return;
      ASSERT_LT(Clock::now(), end) << "what was waited for did not happen";
      loop_.turn(Clock::now() + Milliseconds(10));
    }
  }

  // Handles what is ready now.
  void settle() { loop_.poll(); }

  Loop loop_;
};

inline TimePoint in(int milliseconds) {
  return Clock::now() + Milliseconds(milliseconds);
}

}  // namespace spillway::net
