#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paint.hpp"
#include "spillway/base/time.hpp"

// What a gateway adds to the time of requests: the same ones with and without it, in turn.
namespace spillway::lab {

// How a measuring scenario goes about it.
struct MeasuringPlan {
  double rate = 500;              // requests a second
  Milliseconds duration{30'000};  // of all measuring together
  int rounds = 20;                // each way is measured once in each
};

// `--rate`, `--duration` and `--rounds` as they were given, empty or 0 for the usual; nothing and a `problem` that
// names the option when they make no sense. Each of the `legs` of a round is at least one request long.
std::optional<MeasuringPlan> read_measuring(const std::string& rate, const std::string& duration, int rounds, int legs,
                                            std::string& problem);

// Times in microseconds, round by round.
using Rounds = std::vector<std::vector<double>>;

// Of all rounds together, by nearest rank; 0 of none.
struct Percentiles {
  std::size_t requests = 0;
  double p50 = 0;
  double p99 = 0;
};
Percentiles percentiles(const Rounds& rounds);

// The differences of two ways' percentiles, and between which values the difference of P50 lies in the middle half of
// the rounds: how far it is to be trusted. A difference below zero is one that is lost in the noise.
struct Added {
  double p50 = 0;
  double p99 = 0;
  double low_p50 = 0;
  double high_p50 = 0;
};
Added added(const Rounds& direct, const Rounds& through);

// One way to send the requests.
struct Way {
  std::string name;   // for programs: `gateway_tls`
  std::string title;  // for people
  Rounds rounds;
};

// One thing that was measured. The first way is the direct one.
struct Measured {
  std::string name;
  std::string title;
  std::vector<Way> ways;
};

struct Overhead {
  MeasuringPlan plan;
  std::vector<Measured> measured;
};

// A table: each way's percentiles and what it adds to the direct one's.
std::string overhead_text(const Overhead& overhead, const Paint& paint);
// What `scenario overhead --json` saves; docs/load.md lists its members.
std::string overhead_json(const Overhead& overhead, bool as_expected);

}  // namespace spillway::lab
