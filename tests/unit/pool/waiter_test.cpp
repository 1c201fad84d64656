#include "fixture.hpp"
#include "pool/wait_list.hpp"

namespace spillway::pool {
namespace {

struct CountingWaiter : Waiter {
  int woken = 0;
  std::function<void()> then;
  void wake() override {
    ++woken;
    if (then) then();
  }
};

Blueprint small() {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}}).pool("q", {{"a"}, {"b"}}).pool("r", {{"b"}}).of("a").max_connections = 1;
  return blueprint;
}

TEST(Waiting, EndsWhenAFullBackendGetsAPlaceFree) {
  const auto live = fleet(small());
  Picked held = picked(*live->pool(0), "m", at(0s));
  const auto waiter = std::make_shared<CountingWaiter>();
  live->pool(0)->wake_on_change(waiter);
  EXPECT_EQ(waiter->woken, 0);
  held.lease.settle(ok(), at(1s));
  EXPECT_EQ(waiter->woken, 1);
  call(*live->pool(0), "m", at(1s));
  EXPECT_EQ(waiter->woken, 1) << "once for each registration";
}

TEST(Waiting, EndsWhenALeaseDies) {
  const auto live = fleet(small());
  const auto waiter = std::make_shared<CountingWaiter>();
  {
    const Picked held = picked(*live->pool(0), "m", at(0s));
    live->pool(0)->wake_on_change(waiter);
  }
  EXPECT_EQ(waiter->woken, 1);
}

TEST(Waiting, EndsInEveryPoolOfTheBackendAndNowhereElse) {
  const auto live = fleet(small());
  Picked held = picked(*live->pool(0), "m", at(0s));
  std::vector<std::shared_ptr<CountingWaiter>> waiters;
  for (std::size_t pool = 0; pool < 3; ++pool) {
    waiters.push_back(std::make_shared<CountingWaiter>());
    live->pool(pool)->wake_on_change(waiters.back());
  }
  held.lease.settle(ok(), at(1s));
  EXPECT_EQ(waiters[0]->woken, 1);
  EXPECT_EQ(waiters[1]->woken, 1);
  EXPECT_EQ(waiters[2]->woken, 0);
}

TEST(Waiting, GoesOnWhenASettleHelpsNobody) {
  const auto live = fleet(small());
  const auto waiter = std::make_shared<CountingWaiter>();
  live->pool(2)->wake_on_change(waiter);
  call(*live->pool(2), "m", at(0s));
  call(*live->pool(2), "m", at(0s), throttled());
  EXPECT_EQ(waiter->woken, 0);
}

TEST(Waiting, EndsWhenAProbeClosesTheCircuitOrIsGivenUp) {
  const auto live = fleet(small());
  Pool& pool = *live->pool(2);
  for (int i = 0; i < 3; ++i) call(pool, "m", at(0s), Verdict::answered(503));
  const auto waiter = std::make_shared<CountingWaiter>();

  Picked abandoned = picked(pool, "m", at(1min));
  pool.wake_on_change(waiter);
  abandoned.lease.settle(Verdict::abandoned(), at(1min));
  EXPECT_EQ(waiter->woken, 1);

  Picked failed = picked(pool, "m", at(1min));
  pool.wake_on_change(waiter);
  failed.lease.settle(Verdict::answered(503), at(1min));
  EXPECT_EQ(waiter->woken, 1) << "an open circuit helps nobody";

  Picked good = picked(pool, "m", at(2min));
  good.lease.settle(ok(), at(2min));
  EXPECT_EQ(waiter->woken, 2);
}

TEST(Waiting, EndsWhenTheAnswerToAProbeBegins) {
  const auto live = fleet(small());
  Pool& pool = *live->pool(2);
  for (int i = 0; i < 3; ++i) call(pool, "m", at(0s), Verdict::answered(503));
  const auto waiter = std::make_shared<CountingWaiter>();
  Picked probe = picked(pool, "m", at(1min));
  pool.wake_on_change(waiter);
  probe.lease.answer_begins(200, at(1min));
  EXPECT_EQ(waiter->woken, 1);
}

TEST(Waiting, MayPickAndWaitAgainFromTheWakeItself) {
  const auto live = fleet(small());
  Pool& pool = *live->pool(0);
  Picked held = picked(pool, "m", at(0s));
  const auto waiter = std::make_shared<CountingWaiter>();
  bool could_pick = false;
  waiter->then = [&] {
    could_pick = picks(pool, "m", at(1s));
    pool.wake_on_change(waiter);
  };
  pool.wake_on_change(waiter);
  held.lease.settle(ok(), at(1s));
  EXPECT_TRUE(could_pick);
  waiter->then = nullptr;
}

TEST(Waiting, IsForgottenWithTheWaiter) {
  const auto live = fleet(small());
  Picked held = picked(*live->pool(0), "m", at(0s));
  auto waiter = std::make_shared<CountingWaiter>();
  live->pool(0)->wake_on_change(waiter);
  waiter.reset();
  held.lease.settle(ok(), at(1s));
}

TEST(Waiting, EndsByALeaseOfAnEarlierFleet) {
  const Blueprint blueprint = small();
  auto before = fleet(blueprint);
  Picked held = picked(*before->pool(0), "m", at(0s));
  const auto after = fleet(blueprint, before.get());
  before.reset();
  const auto waiter = std::make_shared<CountingWaiter>();
  after->pool(0)->wake_on_change(waiter);
  EXPECT_TRUE(exhausted(*after->pool(0), "m", at(0s)).full);
  held.lease.settle(ok(), at(1s));
  EXPECT_EQ(waiter->woken, 1);
}

TEST(WaitList, DoesNotGrowWithTheDeadNorWithRepetition) {
  WaitList list;
  for (int i = 0; i < 10'000; ++i) list.add(std::make_shared<CountingWaiter>());
  EXPECT_LE(list.size(), 64U);
  const auto one = std::make_shared<CountingWaiter>();
  for (int i = 0; i < 10'000; ++i) list.add(one);
  EXPECT_LE(list.size(), 64U);
}

TEST(WaitList, KeepsEverybodyWhoLives) {
  WaitList list;
  std::vector<std::shared_ptr<CountingWaiter>> waiters;
  for (int i = 0; i < 1'000; ++i) list.add(waiters.emplace_back(std::make_shared<CountingWaiter>()));
  std::vector<std::shared_ptr<Waiter>> out;
  list.take(out);
  EXPECT_EQ(out.size(), 1'000U);
  EXPECT_EQ(list.size(), 0U);
}

}  // namespace
}  // namespace spillway::pool
