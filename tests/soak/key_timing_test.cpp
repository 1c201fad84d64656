#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "spillway/routing/access.hpp"

// Whether the time a refusal takes tells how much of a key was right, after "dude, is my code constant time?" (Reparaz,
// Balasch, Verbauwhede, 2017): two classes of guesses in random order, Welch's t of their times.
namespace spillway::routing {
namespace {

constexpr std::size_t measurements = 1'000'000;
// Above it two classes are taken to differ.
constexpr double threshold = 4.5;

const std::string key = "0123456789abcdef0123456789abcdef";

class Sample {
 public:
  void add(double value) {
    ++count_;
    const double from_mean = value - mean_;
    mean_ += from_mean / count_;
    squares_ += from_mean * (value - mean_);
  }
  friend double welch_t(const Sample& a, const Sample& b) {
    return (a.mean_ - b.mean_) / std::sqrt(a.squares_ / (a.count_ * a.count_) + b.squares_ / (b.count_ * b.count_));
  }

 private:
  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

struct Guess {
  std::array<char, 32> text{};
  bool second_class = false;
};

double nanoseconds(const Access& access, const Guess& guess) {
  http::RequestHead head;
  head.path = "/openai";
  head.fields.push_back({http::field_id("api-key"), "api-key", {guess.text.data(), guess.text.size()}});
  const auto begun = std::chrono::steady_clock::now();
  const Access::Decision decision = access.admit(head, {});
  const auto ended = std::chrono::steady_clock::now();
  EXPECT_FALSE(decision.admitted);
  return std::chrono::duration<double, std::nano>(ended - begun).count();
}

// Every guess is another one: where it lies in the table, beside a key or not, is its own chance and no hint at a key.
template <class Make>
double t_between(Make make) {
  config::Config config;
  config.clients.resize(1);
  config.clients[0].keys = {config::ClientKey::of(key)};
  const Access access(config);
  std::mt19937_64 random(20170301);
  std::vector<Guess> all(measurements);
  for (Guess& guess : all) {
    guess.second_class = (random() & 1U) != 0;
    std::copy(key.begin(), key.end(), guess.text.begin());
    make(guess, random);
  }
  std::vector<std::pair<double, bool>> times;
  times.reserve(measurements);
  for (const Guess& guess : all) times.emplace_back(nanoseconds(access, guess), guess.second_class);
  // The slowest tenth was interrupted. Whole values of the clock are left out, else the cut would sort the classes.
  std::vector<double> sorted;
  for (const auto& [time, second_class] : times) sorted.push_back(time);
  const auto limit = sorted.begin() + static_cast<std::ptrdiff_t>(measurements * 9 / 10);
  std::nth_element(sorted.begin(), limit, sorted.end());
  std::array<Sample, 2> samples;
  for (const auto& [time, second_class] : times)
    if (time < *limit) samples[second_class ? 1 : 0].add(time);
  return std::abs(welch_t(samples[0], samples[1]));
}

char letter(std::mt19937_64& random) {
  return static_cast<char>('g' + random() % 20);
}

TEST(KeyTiming, T09AKeyThatIsWrongAtItsEndTakesAsLongAsOneThatIsWrongAtItsStart) {
  const double t = t_between([](Guess& guess, std::mt19937_64& random) {
    const std::size_t from = guess.second_class ? guess.text.size() - 4 : 0;
    for (std::size_t i = 0; i < 4; ++i) guess.text[from + i] = letter(random);
  });
  RecordProperty("t", std::to_string(t));
  EXPECT_LT(t, threshold);
}

TEST(KeyTiming, T09AKeyThatIsNearlyRightTakesAsLongAsOneThatIsAllWrong) {
  const double t = t_between([](Guess& guess, std::mt19937_64& random) {
    const std::size_t from = guess.second_class ? guess.text.size() - 4 : 0;
    for (std::size_t i = from; i < guess.text.size(); ++i) guess.text[i] = letter(random);
  });
  RecordProperty("t", std::to_string(t));
  EXPECT_LT(t, threshold);
}

}  // namespace
}  // namespace spillway::routing
