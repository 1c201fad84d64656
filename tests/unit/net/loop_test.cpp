#include "spillway/net/loop.hpp"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "spillway/base/fault.hpp"

namespace spillway::net {
namespace {

TEST(Loop, Q13AHandlerThatThrowsIsCountedAndTheLoopGoesOn) {
  Loop loop;
  const std::uint64_t before = faults();
  loop.post([] { throw std::bad_alloc(); });
  loop.post([] { throw std::length_error("a string too long"); });
  loop.post([] { throw 5; });
  bool reached = false;
  loop.post([&] {
    reached = true;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(reached);
  EXPECT_EQ(faults() - before, 3U);
}

TEST(Loop, Q13AnAlarmThatThrowsIsCountedAndTheLoopGoesOn) {
  Loop loop;
  const std::uint64_t before = faults();
  Alarm broken(loop.timers(), [](void*) { throw std::bad_alloc(); }, nullptr);
  Alarm last(loop.timers(), [](void* self) { static_cast<Loop*>(self)->stop(); }, &loop);
  broken.set(Clock::now());
  last.set(Clock::now() + Milliseconds(1));
  loop.run();
  EXPECT_EQ(faults() - before, 1U);
}

}  // namespace
}  // namespace spillway::net
