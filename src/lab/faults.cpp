#include "faults.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "spillway/base/text.hpp"

namespace spillway::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 9> kinds = {"status", "content_filter", "reset", "cut",   "stream_error",
                                                   "stall",  "slow",           "delay", "refuse"};

std::optional<FaultKind> kind_of(std::string_view word) {
  const auto* found = std::find(kinds.begin(), kinds.end(), word);
  if (found == kinds.end()) return std::nullopt;
  return static_cast<FaultKind>(found - kinds.begin());
}

std::string unknown_kind(std::string_view word) {
  std::string message = "unknown fault '" + std::string(word) + "'";
  if (const auto near = nearest(word, kinds)) return message + " (did you mean '" + std::string(*near) + "'?)";
  return message + " (status, content_filter, reset, cut, stream_error, stall, slow, delay or refuse)";
}

// A whole number within a range, or nothing and a message.
std::optional<std::int64_t> whole(const Json& value, std::string_view key, std::int64_t min, std::int64_t max,
                                  std::string& problem) {
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() <= static_cast<std::uint64_t>(max)) &&
                    value.get<std::int64_t>() >= min && value.get<std::int64_t>() <= max;
  if (fits) return value.get<std::int64_t>();
  problem = std::string(key) + " must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  return std::nullopt;
}

bool read_member(const std::string& key, const Json& value, Fault& fault, std::string& problem) {
  const auto number = [&](std::int64_t min, std::int64_t max) { return whole(value, key, min, max, problem); };
  std::optional<std::int64_t> read;
  if (key == "status") {
    if ((read = number(400, 599))) fault.status = static_cast<int>(*read);
  } else if (key == "retry_after_ms") {
    if ((read = number(0, 86'400'000))) fault.retry_after = Milliseconds{*read};
  } else if (key == "after") {
    if ((read = number(0, 1'000'000))) fault.after = static_cast<std::size_t>(*read);
  } else if (key == "bytes") {
    if ((read = number(1, 1 << 20))) fault.bytes = static_cast<std::size_t>(*read);
  } else if (key == "every_ms") {
    if ((read = number(1, 600'000))) fault.every = Milliseconds{*read};
  } else if (key == "ms") {
    if ((read = number(1, 600'000))) fault.delay = Milliseconds{*read};
  } else if (key == "count") {
    if ((read = number(1, 1'000'000'000))) fault.count = static_cast<std::uint64_t>(*read);
  } else if (key == "percentage") {
    if ((read = number(1, 100))) fault.percentage = static_cast<int>(*read);
  } else {
    problem =
        "unknown key '" + key + "' (kind, status, retry_after_ms, after, bytes, every_ms, ms, count or percentage)";
  }
  return read.has_value();
}

}  // namespace

std::string_view name(FaultKind kind) noexcept {
  return kinds[static_cast<std::size_t>(kind)];
}

std::optional<Fault> parse_fault(const Json& value, std::string& problem) {
  Fault fault;
  const Json* kind = value.is_string() ? &value : nullptr;
  if (value.is_object()) {
    if (const auto found = value.find("kind"); found != value.end()) kind = &*found;
    if (kind == nullptr && !value.contains("status")) {
      problem = "a fault needs a kind or a status";
      return std::nullopt;
    }
  } else if (kind == nullptr) {
    problem = "a fault is a word such as \"reset\", an object, or null";
    return std::nullopt;
  }
  if (kind != nullptr) {
    const std::string word = kind->is_string() ? kind->get<std::string>() : kind->dump();
    const auto known = kind_of(word);
    if (!known) {
      problem = unknown_kind(word);
      return std::nullopt;
    }
    fault.kind = *known;
  }
  if (!value.is_object()) return fault;
  for (const auto& [key, member] : value.items()) {
    if (key != "kind" && !read_member(key, member, fault, problem)) return std::nullopt;
  }
  return fault;
}

Json to_json(const Fault& fault) {
  Json out = {{"kind", name(fault.kind)}};
  if (fault.kind == FaultKind::status) out["status"] = fault.status;
  if (fault.retry_after) out["retry_after_ms"] = fault.retry_after->count();
  if (fault.kind == FaultKind::cut || fault.kind == FaultKind::stream_error) out["after"] = fault.after;
  if (fault.kind == FaultKind::slow) {
    out["bytes"] = fault.bytes;
    out["every_ms"] = fault.every.count();
  }
  if (fault.kind == FaultKind::delay) out["ms"] = fault.delay.count();
  if (fault.count) out["count"] = *fault.count;
  if (fault.percentage != 100) out["percentage"] = fault.percentage;
  return out;
}

void FaultPlan::set(std::string deployment, Fault fault) {
  std::erase_if(active_, [&](const Active& active) { return active.deployment == deployment; });
  active_.push_back({std::move(deployment), fault, 0});
}

void FaultPlan::clear(const std::string& deployment) {
  std::erase_if(active_, [&](const Active& active) { return deployment.empty() || active.deployment == deployment; });
}

std::optional<Fault> FaultPlan::take(const std::string& deployment) {
  const auto hit = [&](const std::string& where) -> std::optional<Fault> {
    const auto found =
        std::find_if(active_.begin(), active_.end(), [&](const Active& active) { return active.deployment == where; });
    if (found == active_.end()) return std::nullopt;
    found->credit += found->fault.percentage;
    if (found->credit < 100) return std::nullopt;
    found->credit -= 100;
    const Fault fault = found->fault;
    if (found->fault.count && --*found->fault.count == 0) active_.erase(found);
    return fault;
  };
  if (auto fault = hit("")) return fault;
  if (deployment.empty()) return std::nullopt;
  return hit(deployment);
}

bool FaultPlan::refuses() const noexcept {
  return std::any_of(active_.begin(), active_.end(), [](const Active& active) {
    return active.deployment.empty() && active.fault.kind == FaultKind::refuse;
  });
}

std::vector<PlannedFault> FaultPlan::in_force() const {
  std::vector<PlannedFault> out;
  for (const Active& active : active_) out.push_back({active.deployment, active.fault});
  return out;
}

}  // namespace spillway::lab
