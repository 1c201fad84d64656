#include "chart.hpp"

#include <algorithm>
#include <cmath>

namespace spillway::lab {
namespace {

constexpr std::size_t most_lines = 6;
constexpr std::size_t enough_for_outliers = 100;

// The smallest of 1, 2, 2.5, 5 times a power of ten that divides `top` into few enough parts.
double step_of(double top) {
  const double least = top / static_cast<double>(most_lines - 1);
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= least) return factor * power;
  }
  return 10 * power;
}

Bar bar_of(const LoadRecord* begin, const LoadRecord* end, double LoadRecord::* time,
           const std::vector<std::string>& regions) {
  Bar bar;
  bar.first = begin->number;
  bar.last = (end - 1)->number;
  bar.requests = static_cast<std::size_t>(end - begin);
  bar.by_colour.resize(region_colours);
  std::vector<double> values;
  for (const LoadRecord* record = begin; record != end; ++record) {
    values.push_back(record->*time);
    if (record->succeeded) {
      ++bar.by_colour[colour_of(record->region, regions)];
    } else {
      ++bar.failed;
    }
  }
  std::sort(values.begin(), values.end());
  bar.minimum = values.front();
  bar.median = percentile(values, 50);
  bar.maximum = values.back();
  return bar;
}

}  // namespace

std::size_t colour_of(const std::string& region, const std::vector<std::string>& regions) {
  const auto found = std::find(regions.begin(), regions.end(), region);
  return std::min(static_cast<std::size_t>(found - regions.begin()), region_colours - 1);
}

std::vector<Bar> bars(const std::vector<LoadRecord>& records, double LoadRecord::* time,
                      const std::vector<std::string>& regions, std::size_t most) {
  std::vector<Bar> out;
  const std::size_t together = std::max<std::size_t>((records.size() + most - 1) / most, 1);
  for (std::size_t i = 0; i < records.size(); i += together) {
    const LoadRecord* begin = records.data() + i;
    out.push_back(bar_of(begin, begin + std::min(together, records.size() - i), time, regions));
  }
  return out;
}

Scale scale(const std::vector<LoadRecord>& records, double LoadRecord::* time) {
  std::vector<double> values;
  for (const LoadRecord& record : records) values.push_back(record.*time);
  std::sort(values.begin(), values.end());
  double highest = values.empty() ? 0 : values.back();
  const double usual = percentile(values, 99);
  if (values.size() >= enough_for_outliers && highest > 2 * usual) highest = 1.25 * usual;
  Scale out;
  if (highest <= 0) highest = 1;
  const double step = step_of(highest);
  const double parts = std::ceil(highest / step);
  out.top = step * parts;
  for (double line = 0; line <= parts; ++line) out.lines.push_back(line * step);
  out.beyond = static_cast<std::size_t>(values.end() - std::upper_bound(values.begin(), values.end(), out.top));
  return out;
}

}  // namespace spillway::lab
