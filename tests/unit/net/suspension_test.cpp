#include <optional>
#include <thread>

#include "loop_fixture.hpp"

namespace spillway::net {
namespace {

class Waiting : public LoopTest {
 protected:
  awaitable<void> wait(TimePoint deadline) {
    result_.reset();
    result_ = co_await suspension_.until(deadline);
  }
  void start(TimePoint deadline = no_deadline) {
    spawn(wait(deadline), [] {});
    run_until([&] { return suspension_.waiting() || result_; });
  }
  ErrorCode finish() {
    run_until([&] { return result_.has_value(); });
    return result_.value_or(ErrorCode());
  }
  Suspension suspension_{loop_};
  std::optional<ErrorCode> result_;
};

TEST_F(Waiting, ResumeContinuesInsideTheCall) {
  start();
  suspension_.resume();
  ASSERT_TRUE(result_);
  EXPECT_FALSE(*result_);
}

TEST_F(Waiting, ResumeCanCarryAnError) {
  start();
  suspension_.resume(Errc::too_large);
  EXPECT_EQ(result_, ErrorCode(Errc::too_large));
}

TEST_F(Waiting, TheDeadlineIsATimeout) {
  start(in(1));
  EXPECT_EQ(finish(), Errc::timeout);
}

TEST_F(Waiting, ADeadlineInThePastIsATimeout) {
  start(Clock::now() - Milliseconds(1));
  EXPECT_EQ(finish(), Errc::timeout);
}

TEST_F(Waiting, CancelContinuesSoonButNotInsideTheCall) {
  start();
  suspension_.cancel();
  EXPECT_FALSE(result_) << "whoever cancels may be in the middle of something";
  EXPECT_FALSE(suspension_.waiting());
  EXPECT_EQ(finish(), Errc::cancelled);
}

TEST_F(Waiting, WhatHappensAfterTheEndIsNotRemembered) {
  start();
  suspension_.cancel();
  suspension_.cancel();
  suspension_.resume();
  EXPECT_EQ(finish(), Errc::cancelled);
  start();
  settle();
  EXPECT_FALSE(result_);
  suspension_.resume();
  EXPECT_TRUE(result_);
}

TEST_F(Waiting, TheDeadlineOfAWaitThatIsOverDoesNotEndTheNextOne) {
  start(in(1));
  suspension_.resume();
  start();
  const TimePoint later = in(5);
  run_until([&] { return Clock::now() > later; });
  EXPECT_TRUE(suspension_.waiting());
  suspension_.resume();
}

TEST_F(Waiting, ASuspensionMayDieRightAfterItsCancellation) {
  std::optional<Suspension> short_lived(std::in_place, loop_);
  std::optional<ErrorCode> seen;
  const auto wait = [](Suspension& on, std::optional<ErrorCode>& result) -> awaitable<void> {
    result = co_await on.until(no_deadline);
  };
  spawn(wait(*short_lived, seen), [] {});
  run_until([&] { return short_lived->waiting(); });
  short_lived->cancel();
  short_lived.reset();
  run_until([&] { return seen.has_value(); });
  EXPECT_EQ(seen, ErrorCode(Errc::cancelled));
}

TEST_F(Waiting, AnotherThreadCanEndIt) {
  const RemoteWake remote(loop_, suspension_);
  start();
  std::thread([line = remote.line()] {
    if (const auto locked = line.lock()) locked->wake();
  }).join();
  EXPECT_FALSE(finish());
}

TEST_F(Waiting, AWakeThatComesTooLateIsHarmless) {
  std::shared_ptr<RemoteWake::Line> line;
  {
    Suspension suspension(loop_);
    const RemoteWake remote(loop_, suspension);
    line = remote.line().lock();
    line->wake();
  }
  settle();
  line->wake();
  settle();
}

TEST_F(Waiting, AWakeAfterTheLoopHasGoneIsHarmless) {
  std::shared_ptr<RemoteWake::Line> line;
  {
    Loop other;
    Suspension suspension(other);
    const RemoteWake remote(other, suspension);
    line = remote.line().lock();
  }
  line->wake();
}

struct Told final : Cancellable {
  void cancel() noexcept override { ++times; }
  int times = 0;
};

TEST(Cancelling, ReachesTheInnermostThingThatIsWaitedFor) {
  CancelSlot slot;
  Told outer;
  Told inner;
  const CancelSlot::Guard first(slot, outer);
  {
    const CancelSlot::Guard second(slot, inner);
    slot.cancel();
  }
  EXPECT_TRUE(slot.cancelled());
  EXPECT_EQ(inner.times, 1);
  EXPECT_EQ(outer.times, 0);
  slot.cancel();
  EXPECT_EQ(outer.times, 1);
}

TEST(Cancelling, IsRememberedWhenNothingIsWaitedFor) {
  CancelSlot slot;
  EXPECT_FALSE(slot.cancelled());
  slot.cancel();
  EXPECT_TRUE(slot.cancelled());
}

class Pausing : public LoopTest {
 protected:
  awaitable<void> pause(Duration duration) { result_ = co_await pause_for(loop_, duration, slot_); }
  CancelSlot slot_;
  std::optional<ErrorCode> result_;
};

TEST_F(Pausing, LastsAsLongAsItShould) {
  const TimePoint begun = Clock::now();
  run(pause(Milliseconds(3)));
  EXPECT_GE(Clock::now() - begun, Milliseconds(3));
  EXPECT_EQ(result_, ErrorCode());
}

TEST_F(Pausing, EndsWhenCancelled) {
  spawn(pause(std::chrono::hours(1)), [] {});
  settle();
  slot_.cancel();
  run_until([&] { return result_.has_value(); });
  EXPECT_EQ(result_, ErrorCode(Errc::cancelled));
}

TEST_F(Pausing, DoesNotBeginWhenAlreadyCancelled) {
  slot_.cancel();
  run(pause(std::chrono::hours(1)));
  EXPECT_EQ(result_, ErrorCode(Errc::cancelled));
}

}  // namespace
}  // namespace spillway::net
