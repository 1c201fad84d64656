#include <memory>
#include <stdexcept>
#include <vector>

#include "loop_fixture.hpp"

namespace spillway::net {
namespace {

// Notes its number when it fires, and then does what it was told.
struct Bell {
  Bell(Loop& loop, std::vector<int>& rung, int number)
      : rung_(rung), number_(number), alarm(loop.timers(), ring, this) {}
  static void ring(void* self) {
    auto& bell = *static_cast<Bell*>(self);
    bell.rung_.push_back(bell.number_);
    if (bell.then) bell.then();
  }

 private:
  std::vector<int>& rung_;
  int number_;

 public:
  Alarm alarm;
  std::function<void()> then;
};

class Timer : public LoopTest {
 protected:
  using Numbers = std::vector<int>;
  Numbers rung_;
  Bell one_{loop_, rung_, 1};
  Bell two_{loop_, rung_, 2};
  Bell three_{loop_, rung_, 3};
};

TEST_F(Timer, AlarmsFireInTheOrderOfTheirTimes) {
  const TimePoint now = Clock::now();
  three_.alarm.set(now + Milliseconds(3));
  one_.alarm.set(now + Milliseconds(1));
  two_.alarm.set(now + Milliseconds(2));
  run_until([&] { return rung_.size() == 3; });
  EXPECT_EQ(rung_, Numbers({1, 2, 3}));
}

TEST_F(Timer, NoAlarmFiresBeforeItsTime) {
  const TimePoint when = in(5);
  one_.alarm.set(when);
  run_until([&] { return !rung_.empty(); });
  EXPECT_GE(Clock::now(), when);
}

TEST_F(Timer, ALaterTimeReplacesAnEarlierOne) {
  one_.alarm.set(in(1));
  one_.alarm.set(in(3'600'000));
  two_.alarm.set(in(5));
  run_until([&] { return !rung_.empty(); });
  EXPECT_EQ(rung_, Numbers({2}));
}

TEST_F(Timer, AnEarlierTimeReplacesALaterOne) {
  one_.alarm.set(in(3'600'000));
  one_.alarm.set(in(1));
  run_until([&] { return !rung_.empty(); });
  EXPECT_EQ(rung_, Numbers({1}));
}

TEST_F(Timer, ATimePutOffAndBroughtForwardAgainIsKept) {
  one_.alarm.set(in(1));
  one_.alarm.set(in(3'600'000));
  one_.alarm.set(in(2));
  run_until([&] { return !rung_.empty(); });
  EXPECT_EQ(rung_, Numbers({1}));
}

TEST_F(Timer, AClearedAlarmDoesNotFireAndCanBeSetAgain) {
  one_.alarm.set(in(1));
  one_.alarm.clear();
  two_.alarm.set(in(5));
  run_until([&] { return !rung_.empty(); });
  EXPECT_EQ(rung_, Numbers({2}));
  one_.alarm.set(in(1));
  run_until([&] { return rung_.size() == 2; });
  EXPECT_EQ(rung_, Numbers({2, 1}));
}

TEST_F(Timer, NoDeadlineNeverFires) {
  one_.alarm.set(in(1));
  one_.alarm.set(no_deadline);
  two_.alarm.set(no_deadline);
  three_.alarm.set(in(5));
  run_until([&] { return !rung_.empty(); });
  EXPECT_EQ(rung_, Numbers({3}));
}

TEST_F(Timer, AnAlarmFiresOnceForEachTimeItIsSet) {
  one_.then = [&] {
    if (rung_.size() < 3) one_.alarm.set(in(1));
  };
  one_.alarm.set(in(1));
  run_until([&] { return rung_.size() == 3; });
  two_.alarm.set(in(5));
  run_until([&] { return rung_.size() == 4; });
  EXPECT_EQ(rung_, Numbers({1, 1, 1, 2}));
}

TEST_F(Timer, AnAlarmMayDieWhileItWaits) {
  auto short_lived = std::make_unique<Bell>(loop_, rung_, 9);
  short_lived->alarm.set(in(1));
  two_.alarm.set(in(5));
  short_lived.reset();
  run_until([&] { return !rung_.empty(); });
  EXPECT_EQ(rung_, Numbers({2}));
}

TEST_F(Timer, AnAlarmMayEndItselfAndOthersThatAreDue) {
  auto self = std::make_unique<Bell>(loop_, rung_, 8);
  auto other = std::make_unique<Bell>(loop_, rung_, 9);
  const TimePoint now = Clock::now();
  self->alarm.set(now);
  other->alarm.set(now + std::chrono::microseconds(1));
  self->then = [&] {
    other.reset();
    const auto dying = std::move(self);
  };
  two_.alarm.set(in(5));
  run_until([&] { return rung_.size() == 2; });
  EXPECT_EQ(rung_, Numbers({8, 2}));
}

TEST_F(Timer, AnAlarmThatThrowsDoesNotHoldUpOthers) {
  one_.then = [] { throw std::runtime_error("a broken alarm"); };
  one_.alarm.set(in(1));
  two_.alarm.set(in(2));
  three_.alarm.set(in(20));
  const auto run_caught = [&] {
    try {
      loop_.turn(in(10));
    } catch (const std::runtime_error&) {
      rung_.push_back(-1);
    }
    return rung_.size() == 4;
  };
  const TimePoint end = in(20'000);
  while (!run_caught()) ASSERT_LT(Clock::now(), end);
  EXPECT_EQ(rung_, Numbers({1, -1, 2, 3}));
}

}  // namespace
}  // namespace spillway::net
