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
  int status = 0;          // 0: it ended with `error`
  std::string_view error;  // `connect`, `tls`, `timeout`, `reset`, `invalid_response`, `cancelled`
  Duration took{};
};

enum class AbortedBy { none, client, upstream };

// What one request's line says (docs/operations.md). Never a key, a prompt or an answer; `path` has no query.
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
  int status = 0;  // what the client was sent; 0: nothing
  std::string region;
  std::optional<Duration> ttfb;
  Duration duration{};
  Duration overhead{};
  std::uint64_t bytes_in = 0;   // body bytes
  std::uint64_t bytes_out = 0;  // body bytes
  std::string upstream_request_id;
  AbortedBy aborted_by = AbortedBy::none;
};

// One line without its end: valid JSON of printable characters whatever the fields hold. Every field, always in the
// same order; an empty text and a status of 0 are null. `ttfb_ms`, `duration_ms` and `ms` have up to three decimals.
void append_json(std::string& out, const AccessRecord& record);

// For people on a terminal: one line, control characters and everything outside ASCII escaped.
void append_text(std::string& out, const AccessRecord& record);

// `eastus-ptu;429, westus;200`
std::string attempts_header(const std::vector<AttemptRecord>& attempts);

using spillway::format_time;

}  // namespace spillway::observe
