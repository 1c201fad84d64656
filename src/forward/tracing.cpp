#include "tracing.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>

#include "forwarding.hpp"
#include "spillway/base/text.hpp"

namespace spillway::forward {
namespace {

std::mt19937_64 seeded_generator() {
  std::random_device device;
  std::array<std::random_device::result_type, 8> seeds{};
  std::generate(seeds.begin(), seeds.end(), std::ref(device));
  std::seed_seq sequence(seeds.begin(), seeds.end());
  return std::mt19937_64(sequence);
}

// The last byte is never zero, so no id is.
template <class Id>
Id new_id() {
  thread_local std::mt19937_64 generator = seeded_generator();
  Id id{};
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < id.size(); ++i, bits >>= 8U) {
    if (i % 8 == 0) bits = generator();
    id[i] = static_cast<std::uint8_t>(bits);
  }
  while (id.back() == 0) id.back() = static_cast<std::uint8_t>(generator());
  return id;
}

// Of several `traceparent` none is to be trusted.
std::optional<observe::TraceParent> parent_of(const http::RequestHead& head) noexcept {
  const http::Field* found = nullptr;
  for (const http::Field& field : head.fields) {
    if (field.id != http::FieldId::traceparent) continue;
    if (found != nullptr) return std::nullopt;
    found = &field;
  }
  return found == nullptr ? std::nullopt : observe::parse_traceparent(found->value);
}

// Several lines are one list (Trace Context 3.3.1).
std::string state_of(const http::RequestHead& head) {
  std::string state;
  for (const http::Field& field : head.fields) {
    if (field.id != http::FieldId::tracestate || field.value.empty()) continue;
    if (!state.empty()) state.push_back(',');
    state.append(field.value);
  }
  return state;
}

std::string_view provider_of(config::Api api) noexcept {
  return api == config::Api::openai ? "openai" : "azure.ai.openai";
}

}  // namespace

std::unique_ptr<observe::RequestTrace> begin_trace(const http::RequestHead& head, bool tls, double sample) {
  auto trace = std::make_unique<observe::RequestTrace>();
  trace->tls = tls;
  if (const auto parent = parent_of(head)) {
    trace->server = *parent;
    trace->parent = parent->span;
    trace->state = state_of(head);
  } else {
    trace->server.trace = new_id<observe::TraceId>();
    trace->server.sampled = observe::is_sampled(trace->server.trace, sample);
  }
  trace->server.span = new_id<observe::SpanId>();
  return trace;
}

// The backend continues the trace from the span of this attempt.
void Forwarding::trace_attempt(const pool::Picked& picked, TimePoint begun) {
  const config::Backend& backend = snapshot_->config().backends[picked.backend];
  observe::TraceParent context = trace_->server;
  context.span = new_id<observe::SpanId>();
  original_.traceparent = observe::format_traceparent(context);
  if (!context.sampled) return;
  observe::AttemptTrace& attempt = trace_->attempts.emplace_back();
  attempt.span = context.span;
  attempt.begun = begun - client_.started();
  attempt.provider = provider_of(backend.api);
  attempt.region = backend.region;
  attempt.server = backend.url.host;
  attempt.port = backend.url.port;
  attempt.circuit = pool::name(picked.circuit);
}

void Forwarding::hand_over_trace() {
  if (!trace_->server.sampled) return;
  if (routed_) trace_->route_path = snapshot_->config().routes[route_index_].match.path;
  snapshot_->spans()->offer({std::move(record_), std::move(*trace_), snapshot_->shared_config()});
}

}  // namespace spillway::forward
