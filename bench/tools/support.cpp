#include "support.hpp"

#include <strings.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numeric>

namespace bench {

Nanoseconds now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

namespace {

[[noreturn]] void wrong_usage(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(2);
}

}  // namespace

Arguments::Arguments(int count, char** values) {
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = values[i];
    if (!name.starts_with("--") || i + 1 == count) wrong_usage("expected --name value, not " + std::string(name));
    values_[std::string(name.substr(2))] = values[i + 1];
  }
}

std::string Arguments::text(const std::string& name, const std::string& otherwise) {
  known_[name] = true;
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second;
}

double Arguments::number(const std::string& name, double otherwise) {
  const std::string value = text(name);
  if (value.empty()) return otherwise;
  char* end = nullptr;
  const double result = std::strtod(value.c_str(), &end);
  if (*end != '\0' || result < 0) wrong_usage("--" + name + " takes a number, not " + value);
  return result;
}

std::size_t Arguments::count(const std::string& name, std::size_t otherwise) {
  return static_cast<std::size_t>(number(name, static_cast<double>(otherwise)));
}

void Arguments::check() const {
  for (const auto& [name, value] : values_) {
    if (!known_.contains(name)) wrong_usage("unknown option --" + name);
  }
}

std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line)) {
    line += 2;
    if (line + name.size() >= head.size()) break;
    if (head[line + name.size()] != ':' || strncasecmp(head.data() + line, name.data(), name.size()) != 0) continue;
    std::string_view value = head.substr(line + name.size() + 1);
    value = value.substr(0, value.find("\r\n"));
    const std::size_t start = value.find_first_not_of(' ');
    if (start == std::string_view::npos) return {};
    return value.substr(start, value.find_last_not_of(' ') - start + 1);
  }
  return {};
}

std::string Sample::json() {
  std::sort(values_.begin(), values_.end());
  const auto at = [this](double share) {
    if (values_.empty()) return 0.0;
    const double rank = std::ceil(share * static_cast<double>(values_.size()));
    return static_cast<double>(values_[static_cast<std::size_t>(std::max(rank, 1.0)) - 1]) / 1e3;
  };
  const double sum = std::accumulate(values_.begin(), values_.end(), 0.0);
  const double mean = values_.empty() ? 0.0 : sum / static_cast<double>(values_.size()) / 1e3;
  char text[200];
  std::snprintf(text, sizeof text, R"("p50_us":%.1f,"p99_us":%.1f,"p999_us":%.1f,"max_us":%.1f,"mean_us":%.1f)",
                at(0.5), at(0.99), at(0.999), at(1), mean);
  return text;
}

void meet_harness(std::string_view word) {
  std::cout << word << std::endl;
  std::string line;
  if (!std::getline(std::cin, line)) std::exit(0);
}

}  // namespace bench
