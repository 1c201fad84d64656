#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "exposition.hpp"

namespace spillway::observe {

// One metric with N labels: a T (Counter, Gauge, Histogram or Latency) per combination of values seen, made on first
// use and never moved. The registry's mutex covers `at` and `write`; the T itself is safe without.
template <class T, std::size_t N>
class Family {
 public:
  using Names = std::array<std::string_view, N>;

  Family(std::string_view name, SampleType type, Names labels, std::string_view help)
      : name_(name), type_(type), labels_(labels), help_(help) {}

  template <class... Arguments>
  T& at(const std::array<std::string_view, N>& values, Arguments&&... arguments) {
    std::array<std::string, N> key;
    for (std::size_t i = 0; i < N; ++i) key[i] = values[i].empty() ? std::string_view("-") : values[i];
    return series_.try_emplace(std::move(key), std::forward<Arguments>(arguments)...).first->second;
  }

  void write(Exposition& out) const {
    out.family(name_, type_, help_);
    for (const auto& [values, series] : series_) {
      std::array<Label, N> labels;
      for (std::size_t i = 0; i < N; ++i) labels[i] = {labels_[i], values[i]};
      if constexpr (requires { series.value(); })
        out.sample(labels, series.value());
      else if constexpr (requires { series.histogram(); })
        out.sample(labels, series.histogram());
      else
        out.sample(labels, series);
    }
  }

 private:
  std::string_view name_;
  SampleType type_;
  Names labels_;
  std::string_view help_;
  std::map<std::array<std::string, N>, T> series_;
};

}  // namespace spillway::observe
