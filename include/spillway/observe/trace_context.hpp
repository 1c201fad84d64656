#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// W3C Trace Context: which trace a request belongs to. Random ids come from the caller.
namespace spillway::observe {

using TraceId = std::array<std::uint8_t, 16>;  // never all zero
using SpanId = std::array<std::uint8_t, 8>;    // never all zero

struct TraceParent {
  TraceId trace{};
  SpanId span{};
  bool sampled = false;
  bool random = false;  // the trace id is known to be (level 2)

  bool operator==(const TraceParent&) const = default;
};

// A `traceparent` as section 3.2 of Trace Context has it: lower-case hexadecimal, no all-zero id, version ff invalid;
// of versions above 00 what 00 defines, whatever follows behind a further `-`.
std::optional<TraceParent> parse_traceparent(std::string_view text) noexcept;
// In version 00.
std::string format_traceparent(const TraceParent& parent);

// Whether a trace that begins here is one of the recorded share, 0 to 1. By its id alone, so that all who know the id
// and the share agree.
bool is_sampled(const TraceId& trace, double share) noexcept;

}  // namespace spillway::observe
