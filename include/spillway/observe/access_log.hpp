#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"

namespace spillway::observe {

// One try at one member, as the log, `x-attempts` and the metrics tell it.
struct AttemptRecord {
  std::string_view backend;  // lives as long as the configuration
  std::string deployment;
  int status = 0;            // 0: it ended with `error`
  std::string_view error;    // `connect`, `tls`, `timeout`, `reset`, `invalid_response`, `cancelled`
  Duration took{};
};

enum class AbortedBy { none, client, upstream };

// What one request's line says (contract 8). Never a key, a prompt or an answer; `path` has no query.
struct AccessRecord {
  WallTime time{};
  std::string request_id;
  std::string client;
  std::string method;
  std::string path;
  std::string route;
  std::string pool;
  std::string model;
  bool stream = false;
  std::vector<AttemptRecord> attempts;
  int status = 0;
  std::string region;
  std::optional<Duration> ttfb;
  Duration duration{};
  Duration overhead{};
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::string upstream_request_id;
  AbortedBy aborted_by = AbortedBy::none;
};

// One line without its end. JSON: every field, always in the same order; unknown texts are null.
void append_json(std::string& out, const AccessRecord& record);
// For people on a terminal.
void append_text(std::string& out, const AccessRecord& record);

// `eastus-ptu;429, westus;200`
std::string attempts_header(const std::vector<AttemptRecord>& attempts);

// `2026-01-31T12:00:00.123Z`
std::string format_time(WallTime time);

}  // namespace spillway::observe
