#include "tally.hpp"

#include <algorithm>
#include <string_view>

namespace spillway::lab {
namespace {

// Adds the attempts before the last one, `backend;outcome` each, by outcome.
void count_hidden(std::string_view attempts, std::map<std::string, int>& hidden) {
  for (std::size_t comma = attempts.find(','); comma != std::string_view::npos; comma = attempts.find(',')) {
    const std::string_view attempt = attempts.substr(0, comma);
    attempts.remove_prefix(comma + 1);
    const std::size_t semicolon = attempt.find(';');
    if (semicolon != std::string_view::npos) ++hidden[std::string(attempt.substr(semicolon + 1))];
  }
}

}  // namespace

int Tally::from(const std::string& backend) const {
  const auto found = by_backend.find(backend);
  return found == by_backend.end() ? 0 : found->second;
}

int Tally::hidden_total() const {
  int sum = 0;
  for (const auto& [outcome, count] : hidden) sum += count;
  return sum;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Tally tally(const std::vector<Sent>& sent) {
  Tally out;
  std::vector<double> times;
  for (const Sent& one : sent) {
    ++out.sent;
    if (!one.succeeded()) continue;
    ++out.succeeded;
    ++out.by_backend[one.backend];
    times.push_back(one.milliseconds);
    count_hidden(one.attempts, out.hidden);
  }
  out.median_ms = median(std::move(times));
  return out;
}

}  // namespace spillway::lab
