#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "load_result.hpp"

// The picture of a run: a bar for each request, in the order they were due, or for as many neighbours as it takes for
// the bars to stay apart.
namespace spillway::lab {

// Regions have a colour each as long as there are colours; the rest share the last one.
inline constexpr std::size_t region_colours = 6;

struct Bar {
  std::uint64_t first = 0;  // numbers of its requests
  std::uint64_t last = 0;
  double minimum = 0;  // of its requests
  double median = 0;   // the height
  double maximum = 0;
  std::size_t requests = 0;
  std::size_t failed = 0;
  std::vector<std::size_t> by_colour;  // requests that succeeded, by the colour of their region
};

// At most `most` bars of one time of the records, which are by number; each but the last of as many records.
std::vector<Bar> bars(const std::vector<LoadRecord>& records, double LoadRecord::* time,
                      const std::vector<std::string>& regions, std::size_t most);

// The colour of a region: its place among `regions`, the last colour for those that have none of their own.
std::size_t colour_of(const std::string& region, const std::vector<std::string>& regions);

// How high the picture is, and where its lines are: round numbers, the first one 0. Some outliers do not make
// everything else flat: when the highest value is more than twice the 99th percentile, the picture ends above that.
struct Scale {
  double top = 1;
  std::vector<double> lines;
  std::size_t beyond = 0;  // requests that took longer than `top`
};
Scale scale(const std::vector<LoadRecord>& records, double LoadRecord::* time);

// The picture as HTML: a figure with an inline SVG, a legend and the same as a table. `id` makes its names unique in
// the page; `average` is the dashed line.
std::string chart(const std::string& id, const std::string& title, const std::vector<LoadRecord>& records,
                  double LoadRecord::* time, double average, const std::vector<std::string>& regions);

}  // namespace spillway::lab
