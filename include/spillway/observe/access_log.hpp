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
  std::uint32_t stands_for = 1;  // requests, itself among them
  std::string trace_id;          // empty and left out of the line while tracing is off
};

// Which requests get a line: of those that went well one in `one_in`, chosen by the request's id alone, so that the
// choice owes nothing to what else happens. Errors, answers that broke off, requests with more than one attempt and
// those that took `slow` or longer get theirs always.
struct AccessSampling {
  std::uint32_t one_in = 1;
  Duration slow{};
};
// How many requests the line of this one stands for; 0: it gets none. Summed over all lines, that is about the number
// of requests.
std::uint32_t stands_for(const AccessRecord& record, const AccessSampling& sampling) noexcept;

// One line without its end: valid JSON of printable characters whatever the fields hold. Every field, always in the
// same order; an empty text and a status of 0 are null. `ttfb_ms`, `duration_ms` and `ms` have up to three decimals.
// `stands_for` is there only when it is not 1.
void append_json(std::string& out, const AccessRecord& record);

// For people on a terminal: one line whose first columns have a fixed width. Control characters of the fields and
// everything outside ASCII are escaped. `colours`: of the status and of attempts, by escape sequences
// (ECMA-48 8.3.117).
void append_text(std::string& out, const AccessRecord& record, bool colours);

// `eastus-ptu;429, westus;200`
std::string attempts_header(const std::vector<AttemptRecord>& attempts);

using spillway::format_time;

}  // namespace spillway::observe
