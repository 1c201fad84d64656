#include "findings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace spillway::lab {

Finding exactly(std::string what, long expected, long observed) {
  return {std::move(what), std::to_string(expected), std::to_string(observed), expected == observed};
}

Finding is(std::string what, const std::string& expected, const std::string& observed) {
  return {std::move(what), expected, observed.empty() ? "nothing" : observed, expected == observed};
}

Finding between(std::string what, double low, double high, double observed) {
  return {std::move(what), fmt::format("{:.0f} to {:.0f} %", low, high), fmt::format("{:.1f} %", observed),
          low <= observed && observed <= high};
}

Finding one_of(std::string what, const std::vector<std::string>& expected, const std::string& observed) {
  return {std::move(what), fmt::format("{}", fmt::join(expected, " or ")), observed,
          std::find(expected.begin(), expected.end(), observed) != expected.end()};
}

bool all_met(const std::vector<Finding>& findings) {
  return !findings.empty() && std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.met; });
}

std::string table(const std::vector<Finding>& findings, const Paint& paint) {
  std::size_t what = 4;
  std::size_t expected = 8;
  for (const Finding& finding : findings) {
    what = std::max(what, finding.what.size());
    expected = std::max(expected, finding.expected.size());
  }
  std::string out = paint.quiet(fmt::format("   {:<{}}  {:<{}}  observed", "", what, "expected", expected)) + "\n";
  for (const Finding& finding : findings) {
    const std::string line =
        fmt::format("{:<{}}  {:<{}}  {}", finding.what, what, finding.expected, expected, finding.observed);
    out += "   " + line + (finding.met ? paint.good("  ok") : paint.bad("  NOT AS EXPECTED")) + "\n";
  }
  return out;
}

}  // namespace spillway::lab
