#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "spillway/observe/metrics.hpp"

// The text format, exposition format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
namespace spillway::observe {

struct Label {
  std::string_view name;
  std::string_view value;  // escaped when written; `-` when empty
};

enum class SampleType { counter, gauge, histogram };

class Exposition {
 public:
  // Begins a family: its HELP and TYPE lines. Its name is `prefix` and `family`; both must outlive its samples.
  void family(std::string_view family, SampleType type, std::string_view help, std::string_view prefix = "spillway_");

  // One sample of the family begun last.
  void sample(std::span<const Label> labels, std::uint64_t value);
  void sample(std::span<const Label> labels, std::int64_t value);
  void sample(std::span<const Label> labels, Duration value);  // in seconds
  void sample(std::span<const Label> labels, const Histogram& histogram);

  std::string take() { return std::move(out_); }

 private:
  void series(std::string_view suffix, std::span<const Label> labels, std::string_view bound);
  void line(std::string_view suffix, std::span<const Label> labels, std::string_view bound, std::uint64_t value);

  std::string out_;
  std::string_view prefix_;
  std::string_view name_;
};

}  // namespace spillway::observe
