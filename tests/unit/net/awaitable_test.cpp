#include "spillway/net/awaitable.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "loop_fixture.hpp"

namespace spillway::net {
namespace {

// Tells when it goes.
struct Guest {
  explicit Guest(std::vector<std::string>& gone, std::string name) : gone_(gone), name_(std::move(name)) {}
  ~Guest() { gone_.push_back(name_); }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

 private:
  std::vector<std::string>& gone_;
  std::string name_;
};

class Awaiting : public LoopTest {
 protected:
  awaitable<int> number(int value) { co_return value; }
  awaitable<int> later(int value) {
    co_await suspension_.until(no_deadline);
    co_return value;
  }
  awaitable<int> failing(bool at_once) {
    if (!at_once) co_await suspension_.until(no_deadline);
    throw std::runtime_error("as told");
  }
  awaitable<void> add(awaitable<int> one, awaitable<int> other) {
    const int first = co_await one;
    const int second = co_await other;
    sum_ = first + second;
  }
  awaitable<void> count(int calls) {
    for (int i = 0; i < calls; ++i) {
      const int one = co_await number(1);
      sum_ += one;
    }
  }
  awaitable<void> hold(std::string name) {
    const Guest guest(gone_, name);
    co_await suspension_.until(no_deadline);
    gone_.push_back("after " + name);
  }
  awaitable<void> hold_through(std::string name) {
    const Guest guest(gone_, name);
    std::string inner = "inside " + name;
    co_await hold(std::move(inner));
  }

  Suspension suspension_{loop_};
  std::vector<std::string> gone_;
  int sum_ = 0;
};

TEST_F(Awaiting, AValueComesAtOnceOrLater) {
  run(add(number(1), number(2)));
  EXPECT_EQ(sum_, 3);
  bool ended = false;
  spawn(add(number(10), later(20)), [&] { ended = true; });
  settle();
  EXPECT_FALSE(ended);
  suspension_.resume();
  EXPECT_TRUE(ended);
  EXPECT_EQ(sum_, 30);
}

TEST_F(Awaiting, NothingHappensBeforeItIsAwaited) {
  {
    const awaitable<void> never = hold("nobody");
  }
  EXPECT_TRUE(gone_.empty());
  spawn(hold("somebody"), [] {});
  EXPECT_FALSE(suspension_.waiting()) << "a spawned one begins from the loop";
  settle();
  EXPECT_TRUE(suspension_.waiting());
  suspension_.resume();
}

TEST_F(Awaiting, AnExceptionReachesWhoeverAwaits) {
  for (const bool at_once : {true, false}) {
    std::string caught;
    const auto catching = [](awaitable<int> failing, std::string& text) -> awaitable<void> {
      try {
        co_await failing;
      } catch (const std::runtime_error& error) {
        text = error.what();
      }
    };
    spawn(catching(failing(at_once), caught), [] {});
    settle();
    suspension_.resume();
    EXPECT_EQ(caught, "as told");
  }
}

TEST_F(Awaiting, AnExceptionNobodyCatchesIsToldAtTheEnd) {
  bool told = false;
  loop_.spawn(without_result(failing(true)), [&](const std::exception_ptr& thrown) { told = thrown != nullptr; });
  settle();
  EXPECT_TRUE(told);
}

TEST_F(Awaiting, WhatACoroutineHeldIsGoneBeforeAnybodyHearsOfItsEnd) {
  spawn(hold_through("a"), [&] { gone_.emplace_back("told"); });
  settle();
  suspension_.resume();
  EXPECT_EQ(gone_, std::vector<std::string>({"after inside a", "inside a", "a", "told"}));
}

TEST_F(Awaiting, ALoopThatGoesTakesItsCoroutinesWithIt) {
  {
    Loop other;
    Suspension waits(other);
    const auto wait = [](Suspension& suspension, std::vector<std::string>& gone) -> awaitable<void> {
      const Guest guest(gone, "guest");
      co_await suspension.until(no_deadline);
    };
    other.spawn(wait(waits, gone_), [&](const std::exception_ptr&) { gone_.emplace_back("told"); });
    other.poll();
    other.spawn(wait(waits, gone_), [&](const std::exception_ptr&) { gone_.emplace_back("told"); });
    // The first has begun and the other has not: both go without a word.
    EXPECT_TRUE(gone_.empty());
  }
  EXPECT_EQ(gone_, std::vector<std::string>({"guest"}));
}

TEST_F(Awaiting, AMillionCallsThatNeverWaitNeedNoStack) {
  run(count(1'000'000));
  EXPECT_EQ(sum_, 1'000'000);
}

TEST_F(Awaiting, WhoLetsOthersGoesOnAfterThem) {
  std::vector<int> order;
  const auto polite = [](Loop& loop, std::vector<int>& said) -> awaitable<void> {
    said.push_back(1);
    co_await loop.let_others();
    said.push_back(3);
  };
  Alarm alarm(loop_.timers(), [](void* said) { static_cast<std::vector<int>*>(said)->push_back(2); }, &order);
  alarm.set(Clock::now());
  run(polite(loop_, order));
  EXPECT_EQ(order, std::vector<int>({1, 2, 3}));
}

}  // namespace
}  // namespace spillway::net
