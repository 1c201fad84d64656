#include "demo_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace spillway::lab {
namespace {

constexpr int bar_width = 30;

struct Wording {
  std::string_view outcome;
  std::string_view text;
};
constexpr std::array<Wording, 5> wordings = {{{"429", "429 (too busy)"},
                                              {"503", "503 (out of order)"},
                                              {"connect", "refused connections"},
                                              {"reset", "broken connections"},
                                              {"timeout", "timeouts"}}};

std::string worded(const std::string& outcome) {
  const auto* known =
      std::find_if(wordings.begin(), wordings.end(), [&](const Wording& w) { return w.outcome == outcome; });
  return known == wordings.end() ? outcome : std::string(known->text);
}

}  // namespace

std::string table(const Tally& tally, const std::vector<BackendLine>& backends, const Paint& paint) {
  std::size_t name_width = 0;
  std::size_t region_width = 0;
  for (const BackendLine& backend : backends) {
    name_width = std::max(name_width, backend.name.size());
    region_width = std::max(region_width, backend.region.size());
  }
  const std::string answered = fmt::format("{} of {} answered", tally.succeeded, tally.sent);
  std::string out = "   " + (tally.succeeded == tally.sent ? paint.good(answered) : paint.bad(answered));
  out += fmt::format(", each in about {:.0f} ms\n", tally.median_ms);
  for (const BackendLine& backend : backends) {
    const int count = tally.from(backend.name);
    const int share = tally.succeeded == 0 ? 0 : (count * 200 + tally.succeeded) / (tally.succeeded * 2);
    const int bar = tally.succeeded == 0 ? 0 : (count * bar_width + tally.succeeded - 1) / tally.succeeded;
    out += fmt::format("   {:<{}}  {:<{}}  {}{}  {:>4}  {:>3} %\n", backend.name, name_width, backend.region,
                       region_width, std::string(static_cast<std::size_t>(bar), '#'),
                       paint.quiet(std::string(static_cast<std::size_t>(bar_width - bar), '.')), count, share);
  }
  out += "   kept from the callers: ";
  if (tally.hidden.empty()) return out + "nothing, all was well\n";
  std::string list;
  for (const auto& [outcome, count] : tally.hidden) {
    list += fmt::format("{}{} x {}", list.empty() ? "" : ", ", count, worded(outcome));
  }
  return out + list + "\n";
}

}  // namespace spillway::lab
