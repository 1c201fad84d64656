#include "lab/precise_alarm.hpp"

#include <gtest/gtest.h>

#include "spillway/net/loop.hpp"

namespace spillway::lab {
namespace {

using namespace std::chrono_literals;

// Waits for the alarm alone; how late it is depends on the machine, that it is not early does not.
class PreciseAlarmTest : public testing::Test {
 protected:
  net::awaitable<void> wait() {
    co_await suspension_.until(no_deadline);
    woken_ = Clock::now();
  }
  void begin_to_wait() {
    woken_ = TimePoint();
    loop_.spawn(wait(), [](const std::exception_ptr&) {});
    loop_.poll();
  }
  // When it was woken; the clock's zero when it was not.
  TimePoint woken_by(TimePoint give_up) {
    while (woken_ == TimePoint() && Clock::now() < give_up) loop_.turn(give_up);
    return woken_;
  }
  TimePoint woken() { return woken_by(Clock::now() + 20s); }

  net::Loop loop_;
  net::Suspension suspension_{loop_};
  PreciseAlarm alarm_{loop_, suspension_};
  TimePoint woken_{};
};

TEST_F(PreciseAlarmTest, WakesAtItsTimeAndNotBefore) {
  for (int i = 0; i < 3; ++i) {
    begin_to_wait();
    const TimePoint due = Clock::now() + 300us;
    alarm_.set(due);
    EXPECT_GE(woken(), due) << "time " << i;
  }
}

TEST_F(PreciseAlarmTest, ATimeThatIsOverComesAtOnce) {
  begin_to_wait();
  alarm_.set(TimePoint());
  EXPECT_GT(woken(), TimePoint());
}

TEST_F(PreciseAlarmTest, ALaterTimeReplacesAnEarlierOne) {
  begin_to_wait();
  alarm_.set(Clock::now() + 1h);
  const TimePoint due = Clock::now() + 2ms;
  alarm_.set(due);
  EXPECT_GE(woken(), due);
  begin_to_wait();
  alarm_.set(Clock::now() + 200us);
  const TimePoint later = Clock::now() + 5ms;
  alarm_.set(later);
  EXPECT_GE(woken(), later);
}

TEST_F(PreciseAlarmTest, NeverTakesItBack) {
  begin_to_wait();
  alarm_.set(Clock::now() + 20ms);
  alarm_.set(no_deadline);
  EXPECT_EQ(woken_by(Clock::now() + 30ms), TimePoint());
  suspension_.resume();
}

}  // namespace
}  // namespace spillway::lab
