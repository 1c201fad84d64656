#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "sent.hpp"
#include "spillway/base/time.hpp"

// What became of a run, ready to be shown and saved. All times of requests are in milliseconds.
namespace spillway::lab {

struct LoadParameters {
  std::string label;
  std::string url;
  std::string path;  // behind the URL's own, without the query
  std::string model;
  std::string api;
  bool stream = false;
  std::uint64_t requests = 0;     // 0: no limit
  std::uint32_t concurrency = 1;  // callers; with a rate the most requests in flight
  double rate = 0;                // a second; 0: each caller waits for its answer
  Milliseconds delay{0};
  Milliseconds duration{0};  // 0: no limit
  Milliseconds timeout{0};
  std::uint64_t warmup = 0;  // requests before the run
};

struct LoadRecord {
  std::uint64_t number = 0;
  double at = 0;  // when it was due, in seconds since the run began
  double milliseconds = 0;
  double first_byte_ms = 0;
  double waited_ms = 0;
  int status = 0;
  bool succeeded = false;
  std::string backend;
  std::string region;
};

struct LoadFailure {
  std::uint64_t number = 0;
  double at = 0;
  int status = 0;
  std::string code;
  std::string message;
  std::string error;

  // In one line: error, or code and message.
  std::string why() const;
};

// Failures that look alike.
struct FailureKind {
  int status = 0;
  std::string what;  // the error, or the code
  std::uint64_t requests = 0;
};

// Of the requests that succeeded.
struct Times {
  double average = 0;
  double minimum = 0;
  double maximum = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
};

// The requests of one backend or region; its name is empty for those that named none.
struct Share {
  std::string name;
  std::uint64_t requests = 0;
  std::uint64_t succeeded = 0;
  double average_ms = 0;  // of those that succeeded
};

struct LoadSummary {
  std::uint64_t requests = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t held_back = 0;  // had to wait because as many as allowed were in flight
  double lasted_s = 0;
  bool interrupted = false;
  Times response;
  Times first_byte;
  std::vector<Share> by_backend;  // most requests first
  std::vector<Share> by_region;
  std::vector<Share> strategies;
  std::vector<FailureKind> failure_kinds;  // most first

  std::uint64_t failed() const noexcept { return requests - succeeded; }
  double success_rate() const noexcept;  // 0 to 1; 0 of none
  double requests_per_second() const noexcept;
};

struct LoadResult {
  LoadParameters parameters;
  LoadSummary summary;
  std::string started_at;             // as format_time writes it
  std::vector<LoadRecord> records;    // by number; a sample of them when there were very many
  std::vector<LoadFailure> failures;  // the first ones
};

// The value at rank ⌈percent/100 · n⌉ of the sorted values (nearest rank): one that was measured; 0 of none.
double percentile(const std::vector<double>& sorted, double percent);

// Counts what comes in, in bounded memory: counts, averages, minimum and maximum are of all requests; percentiles and
// records of the first `keep`, and from then on of an even random sample of that size.
class LoadCounter {
 public:
  static constexpr std::size_t keep = 100'000;
  static constexpr std::size_t keep_failures = 100;
  static constexpr std::size_t keep_names = 200;    // of backends, of regions, …; those that come later are `(others)`
  static constexpr std::size_t longest_text = 300;  // bytes; longer texts are cut

  explicit LoadCounter(std::size_t kept = keep) : keep_(kept) {}

  void add(const Sent& sent);

  std::uint64_t requests() const noexcept { return requests_; }
  std::uint64_t failed() const noexcept { return requests_ - succeeded_; }
  // `held_back`, `lasted_s` and `interrupted` are left to the caller.
  LoadSummary summary() const;
  std::vector<LoadRecord> records() const;
  const std::vector<LoadFailure>& failures() const noexcept { return failures_; }

 private:
  struct Sum {
    std::uint64_t count = 0;
    double total = 0;
    double minimum = 0;
    double maximum = 0;
    void add(double value);
  };
  struct Part {
    std::uint64_t requests = 0;
    Sum times;
  };
  using Parts = std::map<std::string, Part>;

  static void count(Parts& parts, const std::string& name, const Sent& sent);
  static std::vector<Share> shares(const Parts& parts);
  Times times(const Sum& sum, double LoadRecord::* member) const;
  void keep_record(const Sent& sent);
  void keep_failure(const Sent& sent);

  std::size_t keep_;
  std::uint64_t requests_ = 0;
  std::uint64_t succeeded_ = 0;
  Sum response_;
  Sum first_byte_;
  Parts backends_;
  Parts regions_;
  Parts strategies_;
  std::map<std::pair<int, std::string>, std::uint64_t> kinds_;
  std::vector<LoadRecord> records_;
  std::vector<LoadFailure> failures_;
  std::mt19937_64 random_;  // its usual seed: the same answers make the same sample
};

}  // namespace spillway::lab
