#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spillway/observe/trace.hpp"

// OTLP 1.x as JSON (opentelemetry.io/docs/specs/otlp): ids in hexadecimal, enumerations as numbers, 64-bit integers as
// texts.
namespace spillway::observe {

// Who the spans are from.
struct OtlpResource {
  std::string_view service;
  std::string_view version;
  std::span<const std::pair<std::string, std::string>> attributes;  // further ones
};

// The body of a POST to `/v1/traces`: a SERVER span for each request and a CLIENT span for each of its attempts
// (docs/tracing.md has their attributes). Never a key, a prompt, an answer or a query.
std::string otlp_traces(const OtlpResource& resource, std::span<const TracedRequest> requests);

// `chat`, `text_completion`, `embeddings` (OpenTelemetry, GenAI); empty for other paths.
std::string_view operation_of(std::string_view path);

}  // namespace spillway::observe
