#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "fixture.hpp"

namespace spillway::pool {

// The members of a pool made of `backends` with this strategy.
inline Blueprint with_strategy(config::Strategy strategy, const std::vector<MemberOf>& members) {
  Blueprint blueprint;
  blueprint.pool("p", members).config.pools[0].strategy = strategy;
  return blueprint;
}

// Numbers as of an exponential distribution with the mean 1, the same in every run: the middles of 64 equal parts of
// it, in an order that hangs on the seed.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : state_(seed * 2'654'435'761U + 1) {
    for (std::size_t part = 0; part < table_.size(); ++part)
      table_[part] = -std::log(1.0 - (static_cast<double>(part) + 0.5) / static_cast<double>(table_.size()));
  }
  double next() {
    state_ = state_ * 1'664'525U + 1'013'904'223U;
    return table_[state_ >> 26];
  }

 private:
  std::array<double, 64> table_{};
  std::uint32_t state_;
};

inline Duration seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

// What a member makes of a request: after this long, this answer. A status of 0: the client gives up.
struct Answered {
  Duration after{};
  int status = 200;
};
using Behaviour = std::function<Answered(std::size_t member, TimePoint now)>;

// Requests that arrive whether or not those before them are answered, or one after the other, on a clock of its own.
class Simulation {
 public:
  Simulation(Pool& pool, Behaviour behaviour) : pool_(pool), behaviour_(std::move(behaviour)) {}

  Wish wish{"m"};  // of all requests that follow

  TimePoint now() const { return now_; }
  void idle(Duration length) { advance(now_ + length); }

  // How often each member was picked by the requests that arrive every `interval` in the next `length`.
  std::vector<int> arrive(Duration interval, Duration length) {
    std::vector<int> counts(pool_.config().members.size());
    for (const TimePoint end = now_ + length; now_ < end;) {
      ++counts[send()];
      advance(now_ + interval);
    }
    return counts;
  }

  // The same for `calls` requests of which each begins when the one before it is answered.
  std::vector<int> in_turn(int calls) {
    std::vector<int> counts(pool_.config().members.size());
    for (int call = 0; call < calls; ++call) {
      ++counts[send()];
      advance(in_flight_.rbegin()->first);
    }
    return counts;
  }

 private:
  struct Flight {
    Picked picked;
    int status;
  };

  std::size_t send() {
    Picked taken = picked(pool_, wish, now_);
    const std::size_t member = taken.member;
    const Answered answer = behaviour_(member, now_);
    in_flight_.emplace(now_ + answer.after, Flight{std::move(taken), answer.status});
    return member;
  }

  void advance(TimePoint until) {
    while (!in_flight_.empty() && in_flight_.begin()->first <= until) {
      auto over = in_flight_.extract(in_flight_.begin());
      Lease& lease = over.mapped().picked.lease;
      const int status = over.mapped().status;
      if (status != 0) lease.answer_begins(status, over.key());
      lease.settle(status != 0 ? Verdict::answered(status) : Verdict::abandoned(), over.key());
    }
    now_ = until;
  }

  Pool& pool_;
  Behaviour behaviour_;
  TimePoint now_ = at(0s);
  std::multimap<TimePoint, Flight> in_flight_;
};

inline double share(const std::vector<int>& counts, std::size_t member) {
  double all = 0;
  for (const int count : counts) all += count;
  return counts[member] / all;
}

}  // namespace spillway::pool
