#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"

// Faults on demand: what goes wrong, where and how often.
namespace spillway::lab {

enum class FaultKind {
  status,          // an error answer with `status`
  content_filter,  // 400: the prompt was filtered
  reset,           // the connection is reset before any byte of the answer
  cut,             // the connection is reset after `after` pieces of the body
  stream_error,    // an error event after `after` pieces of a stream, then its end
  stall,           // no answer at all, until the client goes
  slow,            // the body drips: `bytes` each `every`
  delay,           // the answer as it is, `delay` later
  refuse,          // nothing listens at the resource's address
};
std::string_view name(FaultKind kind) noexcept;

struct Fault {
  FaultKind kind = FaultKind::status;
  int status = 503;
  std::optional<Milliseconds> retry_after;  // with `status`: as retry-after and retry-after-ms
  std::size_t after = 2;
  std::size_t bytes = 32;
  Milliseconds every{100};
  Milliseconds delay{1000};
  std::optional<std::uint64_t> count;  // only so many requests; none = until cleared
  int percentage = 100;                // of the requests, spread evenly
};

// A fault of one deployment, or of the whole resource when `deployment` is empty.
struct PlannedFault {
  std::string deployment;
  Fault fault;
};

// The fault an object or a bare word (`"reset"`) stands for. On nonsense nothing, and `problem` says what is wrong.
std::optional<Fault> parse_fault(const nlohmann::ordered_json& value, std::string& problem);
// Back again, with the requests still to be hit as `count`.
nlohmann::ordered_json to_json(const Fault& fault);

// The faults of one resource. At most one is in force per deployment, and one for the resource, which goes first.
class FaultPlan {
 public:
  // Replaces what was in force there.
  void set(std::string deployment, Fault fault);
  // Of one deployment; with an empty name, everything.
  void clear(const std::string& deployment);

  // The fault that hits a request to `deployment` (empty: to none), counted off.
  std::optional<Fault> take(const std::string& deployment);
  // Nothing listens.
  bool refuses() const noexcept;
  std::vector<PlannedFault> in_force() const;

 private:
  struct Active {
    std::string deployment;
    Fault fault;
    int credit = 0;  // percentages gathered; 100 is one hit
  };
  std::vector<Active> active_;
};

}  // namespace spillway::lab
