#include "spillway/net/reactor.hpp"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace spillway::net {
namespace {

// The two ends of a pipe, the first registered.
class Pipe final : public EventTarget {
 public:
  explicit Pipe(Reactor& reactor) : reactor_(reactor) {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    EXPECT_FALSE(reactor_.add(ends_[0], *this));
  }
  ~Pipe() {
    reactor_.forget(*this);
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void write() const { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }
  void on_events(std::uint32_t events) override {
    heard.push_back(events);
    if (then) then();
  }

  std::vector<std::uint32_t> heard;
  std::function<void()> then;

 private:
  Reactor& reactor_;
  std::array<int, 2> ends_{};
};

class ReactorTest : public testing::Test {
 protected:
  void turn() {
    reactor_.wait(TimePoint());
    reactor_.dispatch();
  }
  Reactor reactor_;
};

TEST_F(ReactorTest, TellsOfEachChangeOnce) {
  Pipe pipe(reactor_);
  turn();
  EXPECT_TRUE(pipe.heard.empty());
  pipe.write();
  turn();
  ASSERT_EQ(pipe.heard.size(), 1U);
  EXPECT_NE(pipe.heard[0] & EPOLLIN, 0U);
  turn();
  EXPECT_EQ(pipe.heard.size(), 1U) << "what is still unread is no news";
  pipe.write();
  turn();
  EXPECT_EQ(pipe.heard.size(), 2U);
}

TEST_F(ReactorTest, TellsWhatADescriptorCouldDoBeforeItWasAdded) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  struct Ear final : EventTarget {
    void on_events(std::uint32_t) override { ++times; }
    int times = 0;
  } ear;
  EXPECT_FALSE(reactor_.add(ends[0], ear));
  turn();
  EXPECT_EQ(ear.times, 1);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(ReactorTest, WhoIsForgottenHearsNothingMoreNotEvenOfTheSameTurn) {
  Pipe first(reactor_);
  Pipe second(reactor_);
  first.write();
  second.write();
  first.then = [&] { reactor_.forget(second); };
  second.then = [&] { reactor_.forget(first); };
  turn();
  EXPECT_EQ(first.heard.size() + second.heard.size(), 1U);
}

TEST_F(ReactorTest, ARevisitIsToldInTheNextTurnAndEndsNoWaitOfOthers) {
  Pipe pipe(reactor_);
  pipe.then = [&] {
    if (pipe.heard.size() == 1) reactor_.revisit(pipe);
  };
  reactor_.revisit(pipe);
  reactor_.wait(no_deadline);  // does not wait while somebody is to be told
  reactor_.dispatch();
  EXPECT_EQ(pipe.heard.size(), 1U) << "one that asks again is told in the next turn";
  turn();
  EXPECT_EQ(pipe.heard, std::vector<std::uint32_t>({EPOLLIN, EPOLLIN}));
  reactor_.revisit(pipe);
  reactor_.forget(pipe);
  turn();
  EXPECT_EQ(pipe.heard.size(), 2U);
}

TEST_F(ReactorTest, ATargetThatThrowsDoesNotCostOthersTheirNews) {
  Pipe first(reactor_);
  Pipe second(reactor_);
  first.then = second.then = [] { throw std::runtime_error("a broken target"); };
  first.write();
  second.write();
  reactor_.wait(TimePoint());
  EXPECT_THROW(reactor_.dispatch(), std::runtime_error);
  reactor_.wait(no_deadline);  // what is undelivered comes first
  EXPECT_THROW(reactor_.dispatch(), std::runtime_error);
  EXPECT_EQ(first.heard.size() + second.heard.size(), 2U);
}

TEST_F(ReactorTest, AWakeEndsTheWaitNowOrTheNextOne) {
  reactor_.wake();
  reactor_.wait(no_deadline);
  reactor_.dispatch();
  std::thread other([&] { reactor_.wake(); });
  reactor_.wait(no_deadline);
  reactor_.dispatch();
  other.join();
}

TEST_F(ReactorTest, ADescriptorThatCannotBeWatchedIsAnError) {
  struct Deaf final : EventTarget {
    void on_events(std::uint32_t) override {}
  } deaf;
  EXPECT_TRUE(reactor_.add(-1, deaf));
}

}  // namespace
}  // namespace spillway::net
