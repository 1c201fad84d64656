#include "simulation.hpp"

namespace spillway::pool {
namespace {

using ::testing::ElementsAre;

constexpr std::array<std::uint32_t, 5> seeds{1, 2, 3, 4, 5};
constexpr std::array<double, 3> rates{5, 30, 200};

std::string told(std::uint32_t seed, double rate) {
  return "seed " + std::to_string(seed) + ", " + std::to_string(rate) + " a second";
}

// Circuits switched off: what follows is the strategy's alone.
Blueprint least_latency(const std::vector<MemberOf>& members) {
  Blueprint blueprint = with_strategy(config::Strategy::least_latency, members);
  for (config::Backend& backend : blueprint.config.backends) backend.circuit_breaker.rules.clear();
  return blueprint;
}

// About 100 ms, but noisy: 20 ms and an exponential time of 80 ms.
Answered about_100ms(Noise& noise) {
  return {seconds(0.020 + 0.080 * noise.next())};
}

TEST(LeastLatency, LeavesAMemberThatBecomesSlowAndComesBackToIt) {
  for (const std::uint32_t seed : seeds)
    for (const double rate : rates) {
      const auto live = fleet(least_latency({{"a"}, {"b"}, {"c"}}));
      Noise noise(seed);
      bool slow = false;
      Simulation simulation(*live->pool(0), [&](std::size_t member, TimePoint) {
        Answered answer = about_100ms(noise);
        if (slow && member == 2) answer.after += 300ms;
        return answer;
      });
      const Duration interval = seconds(1 / rate);
      simulation.arrive(interval, 20s);
      slow = true;
      simulation.arrive(interval, 5s);
      EXPECT_LT(share(simulation.arrive(interval, 40s), 2), 0.10) << told(seed, rate);
      slow = false;
      simulation.arrive(interval, 15s);
      EXPECT_GE(share(simulation.arrive(interval, 40s), 2), 0.25) << told(seed, rate);
    }
}

TEST(LeastLatency, KeepsEqualMembersEvenWhenTheirTimesAreNoisy) {
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    for (const double rate : rates) {
      const auto live = fleet(least_latency({{"a"}, {"b"}}));
      Noise noise(seed);
      Simulation simulation(*live->pool(0), [&](std::size_t, TimePoint) { return about_100ms(noise); });
      const std::vector<int> counts = simulation.arrive(seconds(1 / rate), seconds(1'000 / rate));
      EXPECT_NEAR(share(counts, 0), 0.5, 0.05) << told(seed, rate);
    }
    const auto live = fleet(least_latency({{"a"}, {"b"}}));
    Noise noise(seed);
    Simulation simulation(*live->pool(0), [&](std::size_t, TimePoint) { return about_100ms(noise); });
    EXPECT_NEAR(share(simulation.in_turn(1'000), 0), 0.5, 0.05) << "one after the other, seed " << seed;
  }
}

TEST(LeastLatency, KeepsTheWeightsOfMembersThatAreEquallyFast) {
  const Blueprint blueprint = least_latency({{"a", 1, 67}, {"b", 1, 33}});
  for (const std::uint32_t seed : seeds)
    for (const double rate : rates) {
      const auto live = fleet(blueprint);
      Noise noise(seed);
      Simulation simulation(*live->pool(0), [&](std::size_t, TimePoint) { return about_100ms(noise); });
      const std::vector<int> counts = simulation.arrive(seconds(1 / rate), seconds(2'000 / rate));
      EXPECT_NEAR(share(counts, 0), 0.67, 0.05) << told(seed, rate);
    }
  const auto live = fleet(blueprint);
  Simulation steady(*live->pool(0), [](std::size_t, TimePoint) { return Answered{100ms}; });
  EXPECT_THAT(steady.in_turn(100), ElementsAre(67, 33));
}

TEST(LeastLatency, GivesFastErrorsNoCredit) {
  for (const int status : {500, 503, 429, 408})
    for (const double rate : rates) {
      const auto live = fleet(least_latency({{"a"}, {"b"}, {"c"}}));
      Noise noise(1);
      bool broken = true;
      Simulation simulation(*live->pool(0), [&](std::size_t member, TimePoint) {
        return broken && member == 1 ? Answered{1ms, status} : about_100ms(noise);
      });
      const Duration interval = seconds(1 / rate);
      EXPECT_LT(share(simulation.arrive(interval, 10s), 1), 0.10) << status << " from the start, " << rate;
      broken = false;
      simulation.arrive(interval, 15s);
      EXPECT_GE(share(simulation.arrive(interval, 30s), 1), 0.25) << status << " is over, " << rate;
      broken = true;
      simulation.arrive(interval, 5s);
      EXPECT_LT(share(simulation.arrive(interval, 30s), 1), 0.10) << status << " in mid-run, " << rate;
    }
}

TEST(LeastLatency, GivesLessThanItsShareToAMemberThatFailsHalfTheTime) {
  const auto live = fleet(least_latency({{"a"}, {"b"}, {"c"}}));
  Noise noise(1);
  int calls = 0;
  Simulation simulation(*live->pool(0), [&](std::size_t member, TimePoint) {
    return member == 1 && ++calls % 2 == 0 ? Answered{1ms, 500} : about_100ms(noise);
  });
  EXPECT_LT(share(simulation.arrive(seconds(1.0 / 30), 60s), 1), 0.15);
}

TEST(LeastLatency, LearnsNothingFromRequestsTheBackendRightlyRefuses) {
  const auto live = fleet(least_latency({{"a"}, {"b"}}));
  Simulation simulation(
      *live->pool(0), [](std::size_t member, TimePoint) { return member == 1 ? Answered{1ms, 404} : Answered{100ms}; });
  EXPECT_NEAR(share(simulation.in_turn(1'000), 1), 0.5, 0.01);
}

TEST(LeastLatency, NeverStarvesAMemberNorTriesItOften) {
  for (const double rate : rates) {
    const auto live = fleet(least_latency({{"a"}, {"b"}, {"c"}}));
    Simulation simulation(*live->pool(0), [](std::size_t member, TimePoint) {
      return Answered{member == 2 ? Duration(4s) : Duration(50ms)};
    });
    simulation.arrive(seconds(1 / rate), 30s);
    for (int half_minute = 0; half_minute < 4; ++half_minute) {
      const std::vector<int> counts = simulation.arrive(seconds(1 / rate), 30s);
      EXPECT_GE(counts[2], 4) << rate << " a second";
      EXPECT_LE(counts[2], 1 + 30 * rate / 20) << rate << " a second";
    }
  }
}

TEST(LeastLatency, TriesNothingOutOnARequestThatHasFailedOnce) {
  const auto live = fleet(least_latency({{"a"}, {"b"}, {"c"}}));
  Pool& pool = *live->pool(0);
  for (int i = 0; i < 300; ++i) {
    const TimePoint now = at(i * 500ms);
    for (const Tried& before : {tried({0}), Tried()}) {
      Picked taken = picked(pool, "m", now, before);
      EXPECT_TRUE(before.members == 0 || i < 10 || taken.member == 1) << i;
      Verdict verdict = ok();
      verdict.first_byte = taken.member == 2 ? 3s : 100ms;
      taken.lease.settle(verdict, now);
    }
  }
  EXPECT_GT(pool.status(at(5min)).members[2].requests, 5U) << "but on others";
}

TEST(LeastLatency, LetsOnlyAFewRequestsPileUpWhereNoneIsAnswered) {
  for (const bool known : {false, true}) {
    const auto live = fleet(least_latency({{"a"}, {"b"}, {"c"}}));
    Noise noise(3);
    bool hangs = !known;
    Simulation simulation(*live->pool(0), [&](std::size_t member, TimePoint) {
      return hangs && member == 0 ? Answered{5min, 504} : about_100ms(noise);
    });
    if (known) simulation.arrive(seconds(1.0 / 30), 10s);
    hangs = true;
    EXPECT_LE(simulation.arrive(seconds(1.0 / 30), 25s)[0], 15) << (known ? "known" : "new");
  }
}

TEST(LeastLatency, SeesThatClientsGiveUpWaiting) {
  const auto live = fleet(least_latency({{"a"}, {"b"}}));
  Noise noise(3);
  Simulation simulation(*live->pool(0), [&](std::size_t member, TimePoint now) {
    return now > at(10s) && member == 0 ? Answered{2s, 0} : about_100ms(noise);
  });
  simulation.arrive(seconds(1.0 / 5), 15s);
  EXPECT_LT(share(simulation.arrive(seconds(1.0 / 5), 30s), 0), 0.10);
}

TEST(LeastLatency, LearnsStreamedAnswersApart) {
  const auto live = fleet(least_latency({{"a"}, {"b"}}));
  bool stream = true;
  Simulation simulation(*live->pool(0), [&](std::size_t member, TimePoint) {
    const bool slow = stream == (member == 0);
    return Answered{slow ? 900ms : 100ms};
  });
  simulation.wish.stream = true;
  simulation.arrive(100ms, 5s);
  EXPECT_LT(share(simulation.arrive(100ms, 10s), 0), 0.10);
  stream = simulation.wish.stream = false;
  simulation.arrive(100ms, 5s);
  EXPECT_GT(share(simulation.arrive(100ms, 10s), 0), 0.90);
}

TEST(LeastLatency, TakesAMemberForGoodAgainThatWasNotHeardOfForHalfAMinute) {
  const auto live = fleet(least_latency({{"a"}, {"b"}}));
  Simulation simulation(*live->pool(0), [](std::size_t member, TimePoint now) {
    return Answered{member == 0 && now < at(10s) ? Duration(2s) : Duration(100ms)};
  });
  simulation.in_turn(20);
  simulation.idle(40s);
  EXPECT_THAT(simulation.in_turn(10), ElementsAre(5, 5));
}

TEST(LeastLatency, StaysBelowPrioritiesAndCircuits) {
  Blueprint blueprint = least_latency({{"slow", 1}, {"broken", 1}, {"fast", 2}});
  blueprint.of("broken").circuit_breaker = config::CircuitBreaker::defaults();
  const auto live = fleet(blueprint);
  Simulation simulation(*live->pool(0), [](std::size_t member, TimePoint) {
    if (member == 1) return Answered{1ms, 500};
    return Answered{member == 0 ? 2s : 10ms};
  });
  const std::vector<int> counts = simulation.arrive(100ms, 50s);
  EXPECT_EQ(counts[1], 3) << "then its circuit is open";
  EXPECT_EQ(counts[2], 0);
}

TEST(LeastLatency, KeepsWhatItHasLearnedOverAReload) {
  const Blueprint blueprint = least_latency({{"a"}, {"b"}});
  auto live = fleet(blueprint);
  {
    Simulation simulation(*live->pool(0),
                          [](std::size_t member, TimePoint) { return Answered{member == 0 ? 2s : 100ms}; });
    simulation.in_turn(20);
    live = fleet(blueprint, live.get());
    Simulation goes_on(*live->pool(0), [](std::size_t, TimePoint) { return Answered{100ms}; });
    goes_on.idle(simulation.now() - goes_on.now());
    EXPECT_GE(goes_on.in_turn(8)[1], 7);
  }
}

}  // namespace
}  // namespace spillway::pool
