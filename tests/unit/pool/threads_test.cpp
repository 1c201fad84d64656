#include <atomic>
#include <thread>

#include "fixture.hpp"

namespace spillway::pool {
namespace {

constexpr int threads = 4;
constexpr int calls = 25'000;

template <class Work>
void in_parallel(Work work) {
  std::vector<std::jthread> running;
  for (int thread = 0; thread < threads; ++thread) running.emplace_back([&work, thread] { work(thread); });
}

TEST(Threads, SpreadExactlyOverAllOfThem) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}, {"b"}, {"c"}, {"d", 1, 2}}));
  Pool& pool = *live->pool(0);
  in_parallel([&](int) {
    for (int i = 0; i < calls; ++i) call(pool, "m", at(0s));
  });
  const PoolStatus status = pool.status(at(0s));
  for (std::size_t member = 0; member < 4; ++member) {
    EXPECT_EQ(status.members[member].requests, member == 3 ? 40'000U : 20'000U);
    EXPECT_EQ(status.members[member].in_flight, 0U);
  }
}

TEST(Threads, NeverLetMoreThanOneProbeThrough) {
  const auto live = fleet(Blueprint().pool("p", {{"a"}}));
  Pool& pool = *live->pool(0);
  for (int i = 0; i < 3; ++i) call(pool, "m", at(0s), Verdict::answered(500));
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> probes{0};
  in_parallel([&](int) {
    for (int i = 0; i < 2'000; ++i) {
      PickResult result = pool.pick("m", {}, at(1min));
      Picked* probe = std::get_if<Picked>(&result);
      if (probe == nullptr) continue;
      const int now_inside = ++inside;
      if (now_inside > most) most = now_inside;
      ++probes;
      --inside;
      probe->lease.settle(Verdict::abandoned(), at(1min));
    }
  });
  EXPECT_EQ(most, 1);
  EXPECT_GE(probes, 1);
}

struct AtomicWaiter : Waiter {
  std::atomic<int> woken{0};
  void wake() override { ++woken; }
};

// One of the ways to ask.
Wish wish_of(int number) {
  Wish wish("m");
  wish.stream = number % 2 == 0;
  const auto value = static_cast<std::size_t>(number);
  if (number % 7 == 1) wish.owner = value / 3 % 3;
  if (number % 7 == 2) wish.pinned = value / 3 % 3;
  if (number % 7 == 3) wish.session = value % 10;
  if (number % 7 == 4) wish.prompt = value % 10;
  return wish;
}

TEST(Threads, MayPickByEveryStrategyAndAffinityAtOnce) {
  Blueprint blueprint;
  for (const config::Strategy strategy :
       {config::Strategy::round_robin, config::Strategy::least_latency, config::Strategy::least_requests}) {
    blueprint.pool(std::string(name(strategy)), {{"a"}, {"b", 1, 3}, {"c", 2}});
    blueprint.config.pools.back().strategy = strategy;
  }
  const auto live = fleet(blueprint);
  std::atomic<std::uint64_t> sent{0};
  in_parallel([&](int thread) {
    for (int i = 0; i < 5'000; ++i) {
      const TimePoint now = at(i * 1ms);
      Pool& pool = *live->pool(static_cast<std::size_t>((i + thread) % 3));
      const Wish wish = wish_of(i + thread);
      if (i % 50 == 0) pool.explain(wish, now);
      PickResult result = pool.pick(wish, {}, now);
      Picked* found = std::get_if<Picked>(&result);
      if (found == nullptr) continue;
      ++sent;
      EXPECT_EQ(found->member, wish.owner.value_or(found->member));
      if (i % 3 != 0) found->lease.answer_begins(200, now + 2ms);
      if (i % 5 != 0) found->lease.settle(i % 1'000 == 1 ? throttled(5ms) : ok(), now + 3ms);
    }
  });
  std::uint64_t requests = 0;
  for (std::size_t pool = 0; pool < 3; ++pool)
    for (const MemberStatus& member : live->pool(pool)->status(at(1h)).members) {
      requests += member.requests;
      EXPECT_EQ(member.in_flight, 0U);
      EXPECT_GT(member.requests, 100U);
    }
  EXPECT_EQ(requests, sent);
}

TEST(Threads, MayPickWaitReloadAndLookAllAtOnce) {
  Blueprint blueprint;
  blueprint.pool("p", {{"a"}, {"b"}}).pool("q", {{"b"}, {"a", 2}});
  blueprint.of("a").max_connections = 2;
  std::atomic<int> changes{0};
  const TransitionObserver observer = [&](std::string_view, std::string_view, const Transition&) { ++changes; };
  std::shared_ptr<Fleet> live = fleet(blueprint, nullptr, observer);
  std::mutex mutex;
  const auto current = [&] {
    const std::lock_guard lock(mutex);
    return live;
  };
  std::atomic<std::uint64_t> settled{0};
  in_parallel([&](int thread) {
    const auto waiter = std::make_shared<AtomicWaiter>();
    for (int i = 0; i < 3'000; ++i) {
      const TimePoint now = at(i * 1ms);
      const std::shared_ptr<Fleet> used = current();
      Pool& pool = *used->pool(static_cast<std::size_t>(i % 2));
      PickResult result = pool.pick("m" + std::to_string(i % 7), {}, now);
      if (Picked* found = std::get_if<Picked>(&result)) {
        ++settled;
        if (i % 5 != 0) found->lease.settle(i % 11 == 0 ? throttled(3ms) : ok(), now);
      } else {
        pool.wake_on_change(waiter);
      }
      if (i % 100 == thread) {
        used->backends(now);
        pool.status(now);
        pool.ready(now);
      }
      if (thread == 0 && i % 200 == 0) {
        const std::lock_guard lock(mutex);
        live = fleet(blueprint, live.get(), observer);
      }
    }
  });
  std::uint64_t requests = 0;
  for (std::size_t pool = 0; pool < 2; ++pool)
    for (const MemberStatus& member : live->pool(pool)->status(at(1h)).members) {
      requests += member.requests;
      EXPECT_EQ(member.in_flight, 0U);
    }
  EXPECT_EQ(requests, settled);
  EXPECT_GT(changes, 0);
}

}  // namespace
}  // namespace spillway::pool
