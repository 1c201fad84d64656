#include "app/events.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace spillway::app {
namespace {

using pool::CircuitState;

constexpr WallTime noon = WallTime() + std::chrono::hours(12);

pool::Transition to(CircuitState state) {
  pool::Transition change;
  change.from = state == CircuitState::open ? CircuitState::closed : CircuitState::open;
  change.to = state;
  change.rule = "throttled";
  change.open_for = Milliseconds(10'000);
  return change;
}

TEST(Events, TheNewestComesFirst) {
  Events events;
  events.add("ptu", "gpt-4o", to(CircuitState::open), noon);
  events.add("ptu", "gpt-4o", to(CircuitState::closed), noon + Milliseconds(10'000));
  const std::vector<Events::Transition> seen = events.transitions();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].number, 2U);
  EXPECT_EQ(seen[0].to, CircuitState::closed);
  EXPECT_EQ(seen[0].open_for, std::nullopt);
  EXPECT_EQ(seen[1].number, 1U);
  EXPECT_EQ(seen[1].time, noon);
  EXPECT_EQ(seen[1].backend, "ptu");
  EXPECT_EQ(seen[1].deployment, "gpt-4o");
  EXPECT_EQ(seen[1].rule, "throttled");
  EXPECT_EQ(seen[1].open_for, Milliseconds(10'000));
}

TEST(Events, OnlyTheLastAreKeptAndTheNumbersGoOn) {
  Events events;
  for (std::size_t i = 0; i < Events::transitions_kept + 7; ++i) events.add("a", "m", to(CircuitState::open), noon);
  EXPECT_EQ(events.transitions().size(), Events::transitions_kept);
  EXPECT_EQ(events.transitions().front().number, Events::transitions_kept + 7);
  for (std::size_t i = 0; i < Events::reloads_kept + 3; ++i) events.add_reload(std::to_string(i), {}, noon);
  EXPECT_EQ(events.reloads().size(), Events::reloads_kept);
  EXPECT_EQ(events.reloads().front().sha256, std::to_string(Events::reloads_kept + 2));
}

TEST(Events, ARefusedReloadKeepsItsFirstProblemsAndCountsAll) {
  Events events;
  events.add_reload("aa", {"1", "2", "3", "4", "5", "6", "7"}, noon);
  events.add_reload("bb", {"only"}, noon);
  const std::vector<Events::Reload> seen = events.reloads();
  EXPECT_EQ(seen[0].problems, std::vector<std::string>{"only"});
  EXPECT_EQ(seen[1].problem_count, 7U);
  EXPECT_EQ(seen[1].problems, (std::vector<std::string>{"1", "2", "3", "4", "5"}));
}

TEST(Events, EveryThreadsTransitionsAreCounted) {
  Events events;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&events] {
        for (int i = 0; i < 250; ++i) events.add("a", "m", to(CircuitState::open), noon);
      });
    }
    while (events.transitions().size() < Events::transitions_kept) std::this_thread::yield();
  }
  EXPECT_EQ(events.transitions().front().number, 1'000U);
}

}  // namespace
}  // namespace spillway::app
