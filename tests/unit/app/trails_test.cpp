#include "app/trails.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace spillway::app {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start = TimePoint() + 1h;

std::shared_ptr<const config::Config> with_backends(const std::vector<std::string>& names) {
  auto config = std::make_shared<config::Config>();
  config->backends.resize(names.size());
  config->pools.resize(1);
  config->pools[0].name = "openai";
  for (std::size_t i = 0; i < names.size(); ++i) {
    config->backends[i].name = names[i];
    config->pools[0].members.push_back({i, 1, 1});
  }
  return config;
}

void answer(const pool::Fleet& fleet, int times) {
  for (int i = 0; i < times; ++i) {
    pool::PickResult result = fleet.pool(0)->pick(pool::Wish("gpt-4o"), {}, start);
    std::get<pool::Picked>(result).lease.settle(pool::Verdict::answered(200), start);
  }
}

std::uint64_t lately(const Trails& trails, const pool::Fleet& fleet, std::size_t member) {
  const pool::MemberStatus status = fleet.pool(0)->status(start).members[member];
  return trails.member("openai", status.backend).recent(tally(status), 60s, start + 20s).tally.requests;
}

TEST(Trails, FollowEveryMemberAndTheGateway) {
  observe::Metrics metrics;
  const pool::Fleet fleet(with_backends({"a", "b"}), nullptr, {});
  Trails trails;
  trails.follow(fleet, metrics, start);
  answer(fleet, 6);
  metrics.requests("r", "c", 200).add(5);
  metrics.requests("r", "c", 503).add();
  trails.turn(fleet, metrics, start + 10s);
  EXPECT_EQ(lately(trails, fleet, 0), 3U);
  EXPECT_EQ(lately(trails, fleet, 1), 3U);
  const observe::Tally total = trails.total().recent(tally(metrics.totals()), 60s, start + 20s).tally;
  EXPECT_EQ(total, (observe::Tally{6, 1, 0}));
}

TEST(Trails, AReloadKeepsThoseWhoStayAndBeginsNewOnes) {
  observe::Metrics metrics;
  const pool::Fleet before(with_backends({"a", "b"}), nullptr, {});
  Trails trails;
  trails.follow(before, metrics, start);
  answer(before, 6);
  const pool::Fleet after(with_backends({"b", "c"}), &before, {});
  trails.follow(after, metrics, start + 5s);
  trails.turn(after, metrics, start + 10s);
  EXPECT_EQ(lately(trails, after, 0), 3U) << "b";
  EXPECT_EQ(lately(trails, after, 1), 0U) << "c";
  EXPECT_THROW(trails.member("openai", "a"), std::out_of_range);
}

TEST(Trails, SeeLatenciesWhereTheForwarderCountsThem) {
  observe::Metrics metrics;
  const pool::Fleet fleet(with_backends({"a"}), nullptr, {});
  Trails trails;
  trails.follow(fleet, metrics, start);
  metrics.member("openai", "a").first_byte->observe(100ms);
  metrics.member("openai", "a").duration->observe(100ms);
  metrics.member("openai", "a").duration->observe(200ms);
  const observe::Trail::Recent recent = trails.member("openai", "a").recent({}, 60s, start + 1s);
  EXPECT_EQ(recent.first_byte.total(), 1U);
  EXPECT_EQ(recent.duration.total(), 2U);
}

}  // namespace
}  // namespace spillway::app
