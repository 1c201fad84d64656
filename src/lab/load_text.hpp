#pragma once

#include <string>

#include "load_result.hpp"
#include "paint.hpp"

// What `load` prints. Texts of servers come out printable.
namespace spillway::lab {

// `0.123 s`
std::string seconds_text(double milliseconds);
// `41.70 ms`: for runs whose difference is small.
std::string milliseconds_text(double milliseconds);
// `66.7 %`; of nothing it is `0.0 %`
std::string percent_text(std::uint64_t part, std::uint64_t whole);
// What stands for a share without a name.
inline constexpr const char* nameless = "(not named)";
// The name a share is shown by.
std::string shown_name(const Share& share);
// How the requests were sent: `50 a second, at most 1000 in flight`, `4 callers, 100ms between requests`.
std::string pace_text(const LoadParameters& parameters);

// One request, one line: number, status, backend, region, seconds, and what went wrong.
std::string request_line(const Sent& sent, const Paint& paint);
// What the columns of request_line are.
std::string request_heading(const Paint& paint);

// The end of a run: totals, distribution, times, failures (the kinds, and the first `failures_shown`).
std::string summary_text(const LoadResult& result, std::size_t failures_shown, const Paint& paint);

}  // namespace spillway::lab
