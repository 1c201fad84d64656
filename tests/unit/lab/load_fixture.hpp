#pragma once

#include <string>

#include "lab/load_result.hpp"

namespace spillway::lab {

// A request as it may have gone.
inline Sent sent_to(std::uint64_t number, const std::string& backend, const std::string& region, double milliseconds) {
  Sent sent;
  sent.number = number;
  sent.at = static_cast<double>(number);
  sent.status = 200;
  sent.backend = backend;
  sent.region = region;
  sent.strategy = "priority";
  sent.milliseconds = milliseconds;
  sent.first_byte_ms = milliseconds / 2;
  return sent;
}

inline Sent failed_with(std::uint64_t number, int status, const std::string& code, const std::string& message) {
  Sent sent;
  sent.number = number;
  sent.status = status;
  sent.code = code;
  sent.message = message;
  sent.milliseconds = 5;
  return sent;
}

inline LoadResult result_of(const std::vector<Sent>& all) {
  LoadCounter counter;
  for (const Sent& sent : all) counter.add(sent);
  LoadResult result;
  result.parameters.url = "https://gateway.example";
  result.parameters.path = "/openai/v1/responses";
  result.parameters.model = "gpt-4o-mini";
  result.parameters.api = "responses";
  result.parameters.requests = all.size();
  result.summary = counter.summary();
  result.summary.lasted_s = 2;
  result.records = counter.records();
  result.failures = counter.failures();
  result.started_at = "2026-01-31T12:00:00.123Z";
  return result;
}

inline LoadResult three_requests() {
  return result_of({sent_to(1, "eastus-ptu", "East US", 100), sent_to(2, "westus", "West US", 300),
                    sent_to(3, "eastus-ptu", "East US", 200)});
}

}  // namespace spillway::lab
