#include "lab/schedule.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace spillway::lab {
namespace {

using namespace std::chrono_literals;
using Todo = Schedule::Todo;

LoadPlan open_loop(double rate, std::uint64_t requests, std::uint32_t in_flight = 100) {
  LoadPlan plan;
  plan.rate = rate;
  plan.requests = requests;
  plan.in_flight = in_flight;
  return plan;
}

LoadPlan closed_loop(std::uint32_t callers, std::uint64_t requests) {
  LoadPlan plan;
  plan.in_flight = callers;
  plan.requests = requests;
  return plan;
}

TEST(OpenLoop, RequestsAreDueAtTheirTimeWhateverIsInFlight) {
  Schedule schedule(open_loop(10, 3));
  EXPECT_EQ(schedule.next(0ms).todo, Todo::send);
  const Schedule::Step wait = schedule.next(1ms);
  EXPECT_EQ(wait.todo, Todo::wait);
  EXPECT_EQ(wait.at, 100ms);
  EXPECT_EQ(schedule.next(100ms).todo, Todo::send);
  EXPECT_EQ(schedule.next(200ms).todo, Todo::send);
  EXPECT_EQ(schedule.in_flight(), 3U);
  EXPECT_EQ(schedule.next(300ms).todo, Todo::over);
}

TEST(OpenLoop, ARequestSentLateIsStillDueWhenItWas) {
  Schedule schedule(open_loop(10, 10));
  schedule.next(0ms);
  const Schedule::Step second = schedule.next(350ms);
  EXPECT_EQ(second.todo, Todo::send);
  EXPECT_EQ(second.at, 100ms);
  EXPECT_EQ(schedule.next(350ms).at, 200ms);
  EXPECT_EQ(schedule.next(350ms).at, 300ms);
  EXPECT_EQ(schedule.next(350ms).todo, Todo::wait);
}

TEST(OpenLoop, HoldsBackWhatIsOverTheLimitAndSaysHowOften) {
  Schedule schedule(open_loop(10, 10, 1));
  schedule.next(0ms);
  EXPECT_EQ(schedule.next(100ms).todo, Todo::wait_for_answer);
  EXPECT_EQ(schedule.next(150ms).todo, Todo::wait_for_answer);
  EXPECT_EQ(schedule.held_back(), 1U) << "it is the same request";
  schedule.answered(260ms);
  const Schedule::Step second = schedule.next(260ms);
  EXPECT_EQ(second.todo, Todo::send);
  EXPECT_EQ(second.at, 100ms) << "its waiting is part of its time";
  EXPECT_EQ(schedule.next(260ms).todo, Todo::wait_for_answer);
  EXPECT_EQ(schedule.held_back(), 2U);
}

TEST(OpenLoop, EndsBeforeWhatIsDueAfterItsDuration) {
  LoadPlan plan = open_loop(10, 0);
  plan.lasts = 250ms;
  Schedule schedule(plan);
  int sent = 0;
  while (schedule.next(10s).todo == Todo::send) ++sent;
  EXPECT_EQ(sent, 3) << "due at 0, 100 and 200 ms";
}

TEST(OpenLoop, DoesNotDrift) {
  Schedule schedule(open_loop(3, 0, 1'000'000));
  Schedule::Step last;
  for (int i = 0; i <= 300'000; ++i) last = schedule.next(24h * 365);
  EXPECT_NEAR(std::chrono::duration<double>(last.at).count(), 100'000, 1e-6);
}

TEST(ClosedLoop, EveryCallerWaitsForItsAnswer) {
  Schedule schedule(closed_loop(2, 5));
  EXPECT_EQ(schedule.next(0ms).todo, Todo::send);
  EXPECT_EQ(schedule.next(0ms).todo, Todo::send);
  EXPECT_EQ(schedule.next(5ms).todo, Todo::wait_for_answer);
  schedule.answered(10ms);
  const Schedule::Step third = schedule.next(12ms);
  EXPECT_EQ(third.todo, Todo::send);
  EXPECT_EQ(third.at, 12ms);
  EXPECT_EQ(schedule.next(12ms).todo, Todo::wait_for_answer);
}

TEST(ClosedLoop, SendsNoMoreThanItShould) {
  Schedule schedule(closed_loop(10, 2));
  EXPECT_EQ(schedule.next(0ms).todo, Todo::send);
  EXPECT_EQ(schedule.next(0ms).todo, Todo::send);
  EXPECT_EQ(schedule.next(0ms).todo, Todo::over);
}

TEST(ClosedLoop, TheDelayIsOfOneCaller) {
  LoadPlan plan = closed_loop(2, 0);
  plan.delay = 100ms;
  Schedule schedule(plan);
  schedule.next(0ms);
  schedule.next(0ms);
  schedule.answered(10ms);
  schedule.answered(30ms);
  const Schedule::Step wait = schedule.next(30ms);
  EXPECT_EQ(wait.todo, Todo::wait);
  EXPECT_EQ(wait.at, 110ms);
  EXPECT_EQ(schedule.next(110ms).todo, Todo::send);
  EXPECT_EQ(schedule.next(110ms).at, 130ms);
}

TEST(ClosedLoop, EndsAfterItsDuration) {
  LoadPlan plan = closed_loop(1, 0);
  plan.lasts = 1s;
  Schedule schedule(plan);
  EXPECT_EQ(schedule.next(999ms).todo, Todo::send);
  schedule.answered(1s);
  EXPECT_EQ(schedule.next(1s).todo, Todo::over);
}

TEST(ClosedLoop, EndsAtOnceWhenTheDelayWouldPassTheDuration) {
  LoadPlan plan = closed_loop(1, 0);
  plan.lasts = 1s;
  plan.delay = 5s;
  Schedule schedule(plan);
  EXPECT_EQ(schedule.next(0ms).todo, Todo::send);
  schedule.answered(10ms);
  EXPECT_EQ(schedule.next(10ms).todo, Todo::over);
}

TEST(Schedule, NothingIsDueAfterStop) {
  Schedule schedule(closed_loop(1, 0));
  schedule.stop();
  EXPECT_EQ(schedule.next(0ms).todo, Todo::over);
}

}  // namespace
}  // namespace spillway::lab
