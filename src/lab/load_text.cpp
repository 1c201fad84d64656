#include "load_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "printable.hpp"
#include "spillway/base/units.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t backend_columns = 20;
constexpr std::size_t region_columns = 18;
constexpr std::uint64_t bar_width = 30;
constexpr std::size_t longest_name = 40;
constexpr std::size_t longest_why = 160;

std::string status_text(int status) {
  return status == 0 ? "---" : fmt::format("{:>3}", status);
}

std::string short_text(const std::string& text) {
  return fitted(text, std::min(width(printable(text)), longest_why));
}

std::string bar(std::uint64_t part, std::uint64_t whole, const Paint& paint) {
  // Whoever answered at all has a bar.
  const std::uint64_t filled = whole == 0 ? 0 : (part * bar_width + whole - 1) / whole;
  return std::string(filled, '#') + paint.quiet(std::string(bar_width - filled, '.'));
}

std::string distribution(const std::string& title, const std::vector<Share>& shares, std::uint64_t whole,
                         const Paint& paint) {
  std::size_t columns = width(title);
  for (const Share& share : shares) columns = std::max(columns, width(shown_name(share)));
  columns = std::min(columns, longest_name);
  std::string out = paint.bold(fmt::format("{}  {:<{}}  {:>8}  {:>7}  {:>10}", fitted(title, columns), "", bar_width,
                                           "requests", "share", "average")) +
                    "\n";
  for (const Share& share : shares) {
    out += fmt::format("{}  {}  {:>8}  {:>7}  {:>10}", fitted(shown_name(share), columns),
                       bar(share.requests, whole, paint), share.requests, percent_text(share.requests, whole),
                       share.succeeded == 0 ? "-" : seconds_text(share.average_ms));
    const std::uint64_t failed = share.requests - share.succeeded;
    out += (failed == 0 ? "" : "  " + paint.bad(fmt::format("{} failed", failed))) + "\n";
  }
  return out + "\n";
}

std::string times_row(const char* title, const Times& times, bool any) {
  std::string out = fmt::format("{:<13}", title);
  for (const double value : {times.average, times.minimum, times.maximum, times.p50, times.p95, times.p99})
    out += fmt::format("  {:>9}", any ? seconds_text(value) : "-");
  return out + "\n";
}

std::string failures_text(const LoadResult& result, std::size_t shown, const Paint& paint) {
  std::string out = "\n" + paint.bold("Failures") + "\n";
  for (const FailureKind& kind : result.summary.failure_kinds) {
    out += fmt::format("{:>8} x  {}  {}\n", kind.requests, status_text(kind.status), short_text(kind.what));
  }
  const std::size_t count = std::min(shown, result.failures.size());
  if (count == 0) return out;
  out += count == result.summary.failed() ? "\n" : fmt::format("\nThe first {}:\n", count);
  for (std::size_t i = 0; i < count; ++i) {
    const LoadFailure& failure = result.failures[i];
    out += fmt::format("{:>8}    {}  {}\n", failure.number, paint.bad(status_text(failure.status)),
                       short_text(failure.why()));
  }
  return out;
}

}  // namespace

std::string seconds_text(double milliseconds) {
  return fmt::format("{:.3f} s", milliseconds / 1000);
}

std::string milliseconds_text(double milliseconds) {
  return fmt::format("{:.2f} ms", milliseconds);
}

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{:.1f} %", whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string shown_name(const Share& share) {
  return share.name.empty() ? nameless : printable(share.name);
}

std::string pace_text(const LoadParameters& parameters) {
  if (parameters.rate > 0) {
    return fmt::format("{:g} a second, at most {} in flight", parameters.rate, parameters.concurrency);
  }
  std::string out = fmt::format("{} caller{}", parameters.concurrency, parameters.concurrency == 1 ? "" : "s");
  if (parameters.delay.count() != 0) out += ", " + format_duration(parameters.delay) + " between requests";
  return out;
}

std::string request_heading(const Paint& paint) {
  return paint.bold(fmt::format("{:>6}  {}  {}  {}  {:>9}", "number", "status", fitted("backend", backend_columns),
                                fitted("region", region_columns), "time")) +
         "\n";
}

std::string request_line(const Sent& sent, const Paint& paint) {
  const std::string status = "   " + status_text(sent.status);
  std::string out =
      fmt::format("{:>6}  {}  {}  {}  {:>9}", sent.number, sent.succeeded() ? paint.good(status) : paint.bad(status),
                  fitted(sent.backend.empty() ? "-" : sent.backend, backend_columns),
                  fitted(sent.region.empty() ? "-" : sent.region, region_columns), seconds_text(sent.milliseconds));
  if (sent.succeeded()) return out + "\n";
  const LoadFailure failure{sent.number, sent.at, sent.status, sent.code, sent.message, sent.error};
  return out + "  " + short_text(failure.why()) + "\n";
}

std::string summary_text(const LoadResult& result, std::size_t failures_shown, const Paint& paint) {
  const LoadSummary& summary = result.summary;
  const std::string success =
      fmt::format("{} succeeded ({})", summary.succeeded, percent_text(summary.succeeded, summary.requests));
  std::string out = fmt::format("\n{} request{} in {:.1f} s ({:.1f} a second), {}\n", summary.requests,
                                summary.requests == 1 ? "" : "s", summary.lasted_s, summary.requests_per_second(),
                                summary.failed() == 0 ? paint.good(success) : paint.bad(success));
  out += "Pace: " + pace_text(result.parameters) + "\n";
  if (summary.interrupted) out += paint.bad("The run was interrupted; requests in flight are not counted.") + "\n";
  if (summary.held_back != 0) {
    out +=
        paint.bad(fmt::format("{} requests had to wait because {} were in flight; their waiting is part of their time.",
                              summary.held_back, result.parameters.concurrency)) +
        "\n";
  }
  if (!summary.strategies.empty()) {
    out += "Strategy:";
    for (const Share& share : summary.strategies) out += " " + shown_name(share);
    out += "\n";
  }
  out += "\n" + distribution("Backend", summary.by_backend, summary.requests, paint);
  out += distribution("Region", summary.by_region, summary.requests, paint);
  out += paint.bold(fmt::format("{:<13}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}", "Time", "average", "minimum",
                                "maximum", "P50", "P95", "P99")) +
         "\n" + times_row("response", summary.response, summary.succeeded != 0) +
         times_row("first byte", summary.first_byte, summary.succeeded != 0);
  if (result.records.size() < summary.requests) {
    out += paint.quiet(fmt::format("Percentiles are of an even random sample of {} requests.", result.records.size())) +
           "\n";
  }
  return summary.failed() == 0 ? out : out + failures_text(result, failures_shown, paint);
}

}  // namespace spillway::lab
