#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/identity.hpp"
#include "spillway/config/secret.hpp"

namespace spillway::config {

// Spans of requests and attempts, exported by OTLP/HTTP. What the file leaves out comes from the variables that
// OpenTelemetry defines, else from here.
struct Tracing {
  BackendUrl endpoint{};                  // spans go to `/v1/traces` below it; by default http://localhost:4318
  std::map<std::string, Secret> headers;  // sent along, by field name
  std::string service_name;               // by default `spillway`
  // Further attributes of the resource, from OTEL_RESOURCE_ATTRIBUTES.
  std::vector<std::pair<std::string, std::string>> attributes;
  double sample = 1.0;            // 0 to 1: the share of traces begun here that are recorded
  std::uint32_t queue = 2048;     // spans that may wait to be sent, 1 to 1000000
  std::uint32_t batch = 512;      // spans of one export, not above `queue`
  Milliseconds interval{5'000};   // between two exports, unless a batch is there before; above zero
  Milliseconds timeout{10'000};   // of one export, above zero
  std::optional<std::string> ca;  // PEM file; none = the system's roots
};

}  // namespace spillway::config
