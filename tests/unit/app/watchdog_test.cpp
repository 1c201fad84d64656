#include "app/watchdog.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace spillway::app {
namespace {

using namespace std::chrono_literals;

class WatchdogTest : public testing::Test {
 protected:
  WatchdogTest() { watchdog_.watch(loop_); }
  ~WatchdogTest() override {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }
  // A handler that does not come to its end before `let_go`.
  void block() {
    loop_.post([this, end = end_.get_future()] {
      begun_.set_value();
      end.wait();
    });
    thread_ = std::thread([this] { loop_.run(); });
    begun_.get_future().wait();
  }
  void let_go() {
    end_.set_value();
    loop_.post([this] { round_.set_value(); });
    round_.get_future().wait();
    const TimePoint end = Clock::now() + 20s;
    while (loop_.busy_since() && Clock::now() < end) std::this_thread::yield();
  }

  observe::Counter stalls_;
  net::Loop loop_;
  Watchdog watchdog_{stalls_};
  std::promise<void> begun_;
  std::promise<void> end_;
  std::promise<void> round_;
  std::thread thread_;
};

TEST_F(WatchdogTest, Q12AHandlerThatBlocksIsAStallAndCountedOnce) {
  block();
  const TimePoint since = loop_.busy_since().value();
  watchdog_.look(since + 999ms);
  EXPECT_EQ(stalls_.value(), 0U);
  EXPECT_EQ(watchdog_.longest(), 0s);
  watchdog_.look(since + 1s);
  EXPECT_EQ(stalls_.value(), 1U);
  watchdog_.look(since + 5s);
  EXPECT_EQ(stalls_.value(), 1U);
  EXPECT_EQ(watchdog_.longest(), 5s);
  let_go();
  watchdog_.look(since + 6s);
  EXPECT_EQ(watchdog_.longest(), 0s) << "it goes on";
  EXPECT_EQ(stalls_.value(), 1U);
}

TEST_F(WatchdogTest, ALoopThatWaitsDoesNotStall) {
  EXPECT_FALSE(loop_.busy_since());
  watchdog_.look(Clock::now() + 1h);
  EXPECT_EQ(stalls_.value(), 0U);
}

TEST_F(WatchdogTest, ALoopThatHasEndedDoesNotStall) {
  block();
  const TimePoint since = loop_.busy_since().value();
  let_go();
  loop_.stop();
  thread_.join();
  watchdog_.look(since + 1h);
  EXPECT_EQ(stalls_.value(), 0U);
}

}  // namespace
}  // namespace spillway::app
