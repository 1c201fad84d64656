#include "load_result.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace spillway::lab {
namespace {

const std::string others = "(others)";

std::string cut(const std::string& text) {
  return text.substr(0, LoadCounter::longest_text);
}

std::string kind_of(const Sent& sent) {
  return cut(!sent.error.empty() ? sent.error : sent.code);
}

}  // namespace

std::string LoadFailure::why() const {
  std::string out;
  for (const std::string* part : {&error, &code, &message}) {
    if (!part->empty()) out += (out.empty() ? "" : ": ") + *part;
  }
  return out;
}

double LoadSummary::success_rate() const noexcept {
  return requests == 0 ? 0 : static_cast<double>(succeeded) / static_cast<double>(requests);
}

double LoadSummary::requests_per_second() const noexcept {
  return lasted_s <= 0 ? 0 : static_cast<double>(requests) / lasted_s;
}

double percentile(const std::vector<double>& sorted, double percent) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(percent * static_cast<double>(sorted.size()) / 100));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

void LoadCounter::Sum::add(double value) {
  minimum = count == 0 ? value : std::min(minimum, value);
  maximum = count == 0 ? value : std::max(maximum, value);
  total += value;
  ++count;
}

void LoadCounter::add(const Sent& sent) {
  ++requests_;
  if (sent.succeeded()) {
    ++succeeded_;
    response_.add(sent.milliseconds);
    first_byte_.add(sent.first_byte_ms);
  } else {
    keep_failure(sent);
  }
  count(backends_, sent.backend, sent);
  count(regions_, sent.region, sent);
  if (!sent.strategy.empty()) count(strategies_, sent.strategy, sent);
  keep_record(sent);
}

void LoadCounter::count(Parts& parts, const std::string& name, const Sent& sent) {
  std::string key = cut(name);
  if (parts.size() >= keep_names && parts.count(key) == 0) key = others;
  Part& part = parts[key];
  ++part.requests;
  if (sent.succeeded()) part.times.add(sent.milliseconds);
}

void LoadCounter::keep_record(const Sent& sent) {
  std::size_t place = records_.size();
  if (place < keep_) {
    records_.emplace_back();
  } else {
    place = std::uniform_int_distribution<std::uint64_t>(0, requests_ - 1)(random_);
    if (place >= keep_) return;
  }
  records_[place] = {sent.number, sent.at,          sent.milliseconds, sent.first_byte_ms, sent.waited_ms,
                     sent.status, sent.succeeded(), cut(sent.backend), cut(sent.region)};
}

void LoadCounter::keep_failure(const Sent& sent) {
  std::pair<int, std::string> kind(sent.status, kind_of(sent));
  if (kinds_.size() >= keep_names && kinds_.count(kind) == 0) kind = {0, others};
  ++kinds_[kind];
  if (failures_.size() >= keep_failures) return;
  failures_.push_back({sent.number, sent.at, sent.status, cut(sent.code), cut(sent.message), cut(sent.error)});
}

std::vector<Share> LoadCounter::shares(const Parts& parts) {
  std::vector<Share> out;
  for (const auto& [name, part] : parts) {
    const double average = part.times.count == 0 ? 0 : part.times.total / static_cast<double>(part.times.count);
    out.push_back({name, part.requests, part.times.count, average});
  }
  std::sort(out.begin(), out.end(), [](const Share& a, const Share& b) {
    return a.requests != b.requests ? a.requests > b.requests : a.name < b.name;
  });
  return out;
}

Times LoadCounter::times(const Sum& sum, double LoadRecord::* member) const {
  std::vector<double> values;
  values.reserve(records_.size());
  for (const LoadRecord& record : records_) {
    if (record.succeeded) values.push_back(record.*member);
  }
  std::sort(values.begin(), values.end());
  const double average = sum.count == 0 ? 0 : sum.total / static_cast<double>(sum.count);
  return {average, sum.minimum, sum.maximum, percentile(values, 50), percentile(values, 95), percentile(values, 99)};
}

LoadSummary LoadCounter::summary() const {
  LoadSummary out;
  out.requests = requests_;
  out.succeeded = succeeded_;
  out.response = times(response_, &LoadRecord::milliseconds);
  out.first_byte = times(first_byte_, &LoadRecord::first_byte_ms);
  out.by_backend = shares(backends_);
  out.by_region = shares(regions_);
  out.strategies = shares(strategies_);
  for (const auto& [kind, requests] : kinds_) out.failure_kinds.push_back({kind.first, kind.second, requests});
  std::sort(out.failure_kinds.begin(), out.failure_kinds.end(), [](const FailureKind& a, const FailureKind& b) {
    return a.requests != b.requests ? a.requests > b.requests : std::tie(a.status, a.what) < std::tie(b.status, b.what);
  });
  return out;
}

std::vector<LoadRecord> LoadCounter::records() const {
  std::vector<LoadRecord> out = records_;
  std::sort(out.begin(), out.end(), [](const LoadRecord& a, const LoadRecord& b) { return a.number < b.number; });
  return out;
}

}  // namespace spillway::lab
