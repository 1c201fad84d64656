#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/observe/access_log.hpp"
#include "spillway/observe/trace_context.hpp"

namespace spillway::observe {

// What the span of an attempt says beyond its AttemptRecord. The texts live as long as the configuration.
struct AttemptTrace {
  SpanId span{};
  Duration begun{};  // since the request's own beginning
  std::string_view provider;
  std::string_view region;
  std::string_view server;
  std::uint16_t port = 0;
  std::string_view circuit;  // its state when the member was picked
};

// What the spans of a request say beyond its AccessRecord.
struct RequestTrace {
  TraceParent server;            // the gateway's own span
  std::optional<SpanId> parent;  // the client's
  std::string state;             // its `tracestate`
  std::string_view route_path;   // lives as long as the configuration
  bool tls = false;
  std::vector<AttemptTrace> attempts;  // each beside that of the AccessRecord
};

// A request that is over, kept until its spans have been sent.
struct TracedRequest {
  AccessRecord record;
  RequestTrace trace;
  std::shared_ptr<const void> configuration;  // keeps what both refer to

  std::size_t spans() const noexcept { return 1 + trace.attempts.size(); }
};

}  // namespace spillway::observe
