// What the tools of the benchmark share that has nothing to do with sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// Nanoseconds of the monotonic clock, which all processes of the machine share.
using Nanoseconds = std::int64_t;
inline constexpr Nanoseconds a_second = 1'000'000'000;
Nanoseconds now();

// `--name value` pairs. A name that nobody asked for ends the program with status 2 when `check` is called.
class Arguments {
 public:
  Arguments(int count, char** values);
  std::string text(const std::string& name, const std::string& otherwise = {});
  // Ends the program with status 2 when the value is not a number.
  double number(const std::string& name, double otherwise);
  std::size_t count(const std::string& name, std::size_t otherwise);
  void check() const;

 private:
  std::map<std::string, std::string> values_;
  std::map<std::string, bool> known_;
};

// What a tool does; each defines its own, and `main.cpp` calls it.
void run(Arguments& arguments);

// Prints the message and ends the program with status 1.
[[noreturn]] void fail(const std::string& message);

// The value of a header field in a head, without the spaces around it; empty when it is not there.
std::string_view field(std::string_view head, std::string_view name);

// The numbers of a run. Keeps every one, so percentiles are exact.
class Sample {
 public:
  explicit Sample(std::size_t expected) { values_.reserve(expected); }
  void add(Nanoseconds value) { values_.push_back(value); }
  void clear() { values_.clear(); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  // `"p50_us":…,"p99_us":…,"p999_us":…,"max_us":…,"mean_us":…`, in microseconds, nearest rank; 0 without numbers.
  std::string json();

 private:
  std::vector<Nanoseconds> values_;
};

// Tells the harness that the warm-up is over and waits for its line, so that it can read counters at this moment.
void meet_harness(std::string_view word);

}  // namespace bench
