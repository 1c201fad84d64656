#include "overhead.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "json.hpp"
#include "load_request.hpp"
#include "load_result.hpp"
#include "spillway/base/units.hpp"

namespace spillway::lab {
namespace {

constexpr int most_rounds = 1000;
constexpr std::size_t title_columns = 26;

Percentiles percentiles_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values.size(), percentile(values, 50), percentile(values, 99)};
}

// To a tenth of a microsecond.
double rounded(double value) {
  return std::round(value * 10) / 10;
}

std::string row(std::string_view title, const std::vector<std::string>& cells) {
  std::string out = fmt::format("   {:<{}}", title, title_columns);
  for (const std::string& cell : cells) out += fmt::format("  {:>9}", cell);
  return out;
}

std::string difference(double value) {
  return fmt::format("{:+.0f}", value);
}

std::string way_text(const Way& way, const Rounds* direct) {
  const Percentiles all = percentiles(way.rounds);
  std::vector<std::string> cells = {std::to_string(all.requests)};
  if (all.requests == 0) return row("  " + way.title, cells) + "\n";
  cells.push_back(fmt::format("{:.0f}", all.p50));
  cells.push_back(fmt::format("{:.0f}", all.p99));
  if (direct == nullptr) return row("  " + way.title, cells) + "\n";
  const Added more = added(*direct, way.rounds);
  cells.push_back(difference(more.p50));
  cells.push_back(difference(more.p99));
  return row("  " + way.title, cells) +
         fmt::format("  {} to {}\n", difference(more.low_p50), difference(more.high_p50));
}

Json way_json(const Way& way, const Rounds* direct) {
  const Percentiles all = percentiles(way.rounds);
  Json out = {
      {"name", way.name}, {"requests", all.requests}, {"p50_us", rounded(all.p50)}, {"p99_us", rounded(all.p99)}};
  if (direct == nullptr) return out;
  const Added more = added(*direct, way.rounds);
  out["added_us"] = {{"p50", rounded(more.p50)},
                     {"p99", rounded(more.p99)},
                     {"low_p50", rounded(more.low_p50)},
                     {"high_p50", rounded(more.high_p50)}};
  return out;
}

}  // namespace

std::optional<MeasuringPlan> read_measuring(const std::string& rate, const std::string& duration, int rounds, int legs,
                                            std::string& problem) {
  MeasuringPlan plan;
  if (!rate.empty()) {
    const auto parsed = parse_rate(rate);
    if (!parsed) problem = "--rate: " + rate + " is no rate (50, 50/s, 300/m; at most 100000 a second)";
    plan.rate = parsed.value_or(plan.rate);
  }
  if (!duration.empty()) {
    const auto parsed = parse_duration(duration);
    if (!parsed) problem = "--duration: " + duration + " is no duration (250ms, 10s, 5m, 1h)";
    plan.duration = parsed.value_or(plan.duration);
  }
  if (rounds < 0 || rounds > most_rounds) problem = fmt::format("--rounds: from 1 to {}", most_rounds);
  if (rounds != 0) plan.rounds = rounds;
  const double leg = std::chrono::duration<double>(plan.duration).count() / plan.rounds / legs;
  if (problem.empty() && leg * plan.rate < 1) {
    problem = fmt::format("--duration: too short: {} rounds of {} measurements with a request each take {:.2g} s",
                          plan.rounds, legs, plan.rounds * legs / plan.rate);
  }
  if (!problem.empty()) return std::nullopt;
  return plan;
}

Percentiles percentiles(const Rounds& rounds) {
  std::vector<double> all;
  for (const std::vector<double>& round : rounds) all.insert(all.end(), round.begin(), round.end());
  return percentiles_of(std::move(all));
}

Added added(const Rounds& direct, const Rounds& through) {
  const Percentiles before = percentiles(direct);
  const Percentiles after = percentiles(through);
  std::vector<double> each;
  for (std::size_t i = 0; i < std::min(direct.size(), through.size()); ++i)
    each.push_back(percentiles_of(through[i]).p50 - percentiles_of(direct[i]).p50);
  std::sort(each.begin(), each.end());
  return {after.p50 - before.p50, after.p99 - before.p99, percentile(each, 25), percentile(each, 75)};
}

std::string overhead_text(const Overhead& overhead, const Paint& paint) {
  std::string out = fmt::format("   {:g} requests a second, {} rounds; times in microseconds\n\n", overhead.plan.rate,
                                overhead.plan.rounds);
  out += paint.quiet(row("", {"requests", "P50", "P99", "added P50", "P99"}) + "  P50 in half of the rounds") + "\n";
  for (const Measured& one : overhead.measured) {
    out += "   " + paint.bold(one.title) + "\n";
    for (const Way& way : one.ways)
      out += way_text(way, &way == &one.ways.front() ? nullptr : &one.ways.front().rounds);
  }
  return out + "\n";
}

std::string overhead_json(const Overhead& overhead, bool as_expected) {
  constexpr int indent = 2;
  Json measured = Json::array();
  for (const Measured& one : overhead.measured) {
    Json ways = Json::array();
    for (const Way& way : one.ways)
      ways.push_back(way_json(way, &way == &one.ways.front() ? nullptr : &one.ways.front().rounds));
    measured.push_back({{"name", one.name}, {"ways", ways}});
  }
  const Json out = {{"format", "spillway-overhead"},
                    {"version", 1},
                    {"as_expected", as_expected},
                    {"parameters",
                     {{"rate", overhead.plan.rate},
                      {"duration_ms", overhead.plan.duration.count()},
                      {"rounds", overhead.plan.rounds}}},
                    {"measured", measured}};
  return out.dump(indent) + "\n";
}

}  // namespace spillway::lab
