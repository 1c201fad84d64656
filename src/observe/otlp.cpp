#include "spillway/observe/otlp.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "spillway/base/text.hpp"

namespace spillway::observe {
namespace {

// SpanKind and StatusCode of opentelemetry-proto's trace.proto.
constexpr int server_kind = 2;
constexpr int client_kind = 3;
constexpr int status_error = 2;

// SpanFlags: the low byte is that of the trace; whether the parent is remote is known, and it is.
constexpr int sampled_flag = 0x001;
constexpr int known_remote_flag = 0x100;
constexpr int remote_flag = 0x200;

void append_nanoseconds(std::string& out, WallTime time) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  out.append("\"").append(std::to_string(since.count())).append("\"");
}

// A list of key and value; what is unknown is left out.
class Attributes {
 public:
  explicit Attributes(std::string& out) : out_(out) { out_.append("\"attributes\":["); }
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    begin(key);
    out_.append("{\"stringValue\":");
    append_json_string(out_, value);
    out_.append("}}");
  }
  void number(std::string_view key, std::uint64_t value) {
    begin(key);
    out_.append("{\"intValue\":\"").append(std::to_string(value)).append("\"}}");
  }
  void truth(std::string_view key, bool value) {
    begin(key);
    out_.append("{\"boolValue\":").append(value ? "true" : "false").append("}}");
  }
  void end() { out_.push_back(']'); }

 private:
  void begin(std::string_view key) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.append("{\"key\":");
    append_json_string(out_, key);
    out_.append(",\"value\":");
  }

  std::string& out_;
  bool first_ = true;
};

// Methods that may stand in a span's name; any other is `_OTHER` (OpenTelemetry, HTTP spans).
std::string_view known_method(std::string_view method) noexcept {
  constexpr std::array<std::string_view, 9> known = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                     "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  return std::find(known.begin(), known.end(), method) == known.end() ? "_OTHER" : method;
}

void append_methods(Attributes& attributes, std::string_view method) {
  const std::string_view known = known_method(method);
  attributes.text("http.request.method", known);
  if (known != method) attributes.text("http.request.method_original", method);
}

std::string_view in_name(std::string_view method) noexcept {
  const std::string_view known = known_method(method);
  return known == "_OTHER" ? "HTTP" : known;
}

struct Frame {
  const TraceParent& trace;
  const SpanId& span;
  const SpanId* parent;
  bool remote_parent;
  std::string_view state;
  std::string_view name;
  int kind;
  WallTime begin;
  WallTime end;
};

WallTime after(WallTime time, Duration duration) {
  return time + std::chrono::duration_cast<WallTime::duration>(duration);
}

// What every span has; its attributes and status follow.
void begin_span(std::string& out, const Frame& frame) {
  out.append("{\"traceId\":\"").append(to_hex(frame.trace.trace));
  out.append("\",\"spanId\":\"").append(to_hex(frame.span)).push_back('"');
  if (frame.parent != nullptr) out.append(",\"parentSpanId\":\"").append(to_hex(*frame.parent)).append("\"");
  if (!frame.state.empty()) {
    out.append(",\"traceState\":");
    append_json_string(out, frame.state);
  }
  const int remote = frame.remote_parent ? remote_flag : 0;
  const int flags = sampled_flag | known_remote_flag | remote;
  out.append(",\"flags\":").append(std::to_string(flags)).append(",\"name\":");
  append_json_string(out, frame.name);
  out.append(",\"kind\":").append(std::to_string(frame.kind)).append(",\"startTimeUnixNano\":");
  append_nanoseconds(out, frame.begin);
  out.append(",\"endTimeUnixNano\":");
  append_nanoseconds(out, frame.end);
  out.push_back(',');
}

void end_span(std::string& out, bool failed) {
  out.append(",\"status\":{");
  if (failed) out.append("\"code\":").append(std::to_string(status_error));
  out.append("}}");
}

// Nobody saw an answer: the log's 499 is no status that was sent.
constexpr int no_answer = 499;

std::string_view aborter(AbortedBy side) noexcept {
  if (side == AbortedBy::client) return "client";
  return side == AbortedBy::upstream ? "upstream" : std::string_view();
}

std::string server_error(const AccessRecord& record) {
  if (record.aborted_by == AbortedBy::upstream) return "upstream_aborted";
  if (record.aborted_by == AbortedBy::client || record.status == no_answer) return "client_aborted";
  return record.status >= 500 ? std::to_string(record.status) : std::string();
}

void append_server_span(std::string& out, const TracedRequest& request) {
  const AccessRecord& record = request.record;
  const RequestTrace& trace = request.trace;
  const std::string_view route = trace.route_path.empty() ? std::string_view(record.route) : trace.route_path;
  std::string name(in_name(record.method));
  if (!route.empty()) name.append(" ").append(route);
  begin_span(out, {trace.server, trace.server.span, trace.parent ? &*trace.parent : nullptr, trace.parent.has_value(),
                   trace.state, name, server_kind, record.time, after(record.time, record.duration)});
  Attributes attributes(out);
  append_methods(attributes, record.method);
  attributes.text("url.scheme", trace.tls ? "https" : "http");
  attributes.text("url.path", record.path);
  attributes.text("http.route", route);
  if (record.status != no_answer) attributes.number("http.response.status_code", static_cast<unsigned>(record.status));
  const std::string error = server_error(record);
  attributes.text("error.type", error);
  attributes.text("spillway.request_id", record.request_id);
  attributes.text("spillway.client", record.client);
  attributes.text("spillway.route", record.route);
  attributes.text("spillway.pool", record.pool);
  attributes.text("spillway.region", record.region);
  attributes.truth("spillway.stream", record.stream);
  attributes.number("spillway.attempts", record.attempts.size());
  attributes.text("spillway.aborted_by", aborter(record.aborted_by));
  attributes.end();
  // By the conventions neither a client's mistake nor its going away is a server's error.
  const bool failed = record.aborted_by == AbortedBy::upstream || record.status >= 500;
  end_span(out, failed);
}

void append_client_span(std::string& out, const TracedRequest& request, std::size_t index) {
  const AccessRecord& record = request.record;
  const AttemptRecord& attempt = record.attempts[index];
  const AttemptTrace& own = request.trace.attempts[index];
  const std::string_view operation = operation_of(record.path);
  std::string name(operation.empty() ? in_name(record.method) : operation);
  if (!operation.empty() && !record.model.empty()) name.append(" ").append(record.model);
  const WallTime begun = after(record.time, own.begun);
  begin_span(out, {request.trace.server, own.span, &request.trace.server.span, false, request.trace.state, name,
                   client_kind, begun, after(begun, attempt.took)});
  Attributes attributes(out);
  append_methods(attributes, record.method);
  attributes.text("server.address", own.server);
  attributes.number("server.port", own.port);
  attributes.number("http.request.resend_count", index);
  if (attempt.status != 0) attributes.number("http.response.status_code", static_cast<unsigned>(attempt.status));
  const bool failed = attempt.status >= 400 || !attempt.error.empty();
  if (!attempt.error.empty())
    attributes.text("error.type", attempt.error);
  else if (failed)
    attributes.text("error.type", std::to_string(attempt.status));
  if (!operation.empty()) {
    attributes.text("gen_ai.operation.name", operation);
    attributes.text("gen_ai.provider.name", own.provider);
    attributes.text("gen_ai.request.model", record.model);
  }
  attributes.text("spillway.pool", record.pool);
  attributes.text("spillway.backend", attempt.backend);
  attributes.text("spillway.deployment", attempt.deployment);
  attributes.text("spillway.region", own.region);
  attributes.text("spillway.circuit_state", own.circuit);
  attributes.end();
  end_span(out, failed);
}

}  // namespace

std::string_view operation_of(std::string_view path) {
  struct Kind {
    std::string_view end;
    std::string_view operation;
  };
  // `chat/completions` stands before what it ends with.
  constexpr std::array<Kind, 4> kinds = {{{"/chat/completions", "chat"},
                                          {"/completions", "text_completion"},
                                          {"/embeddings", "embeddings"},
                                          {"/responses", "chat"}}};
  for (const Kind& kind : kinds) {
    if (path.size() >= kind.end.size() && iequals(path.substr(path.size() - kind.end.size()), kind.end))
      return kind.operation;
  }
  return {};
}

std::string otlp_traces(const OtlpResource& resource, std::span<const TracedRequest> requests) {
  std::string out;
  out.reserve(1024 + requests.size() * 2048);
  out.append("{\"resourceSpans\":[{\"resource\":{");
  Attributes attributes(out);
  attributes.text("service.name", resource.service);
  attributes.text("service.version", resource.version);
  for (const auto& [key, value] : resource.attributes) attributes.text(key, value);
  attributes.end();
  out.append("},\"scopeSpans\":[{\"scope\":{\"name\":\"spillway\",\"version\":");
  append_json_string(out, resource.version);
  out.append("},\"spans\":[");
  bool first = true;
  for (const TracedRequest& request : requests) {
    if (!first) out.push_back(',');
    first = false;
    append_server_span(out, request);
    for (std::size_t i = 0; i < request.trace.attempts.size(); ++i) {
      out.push_back(',');
      append_client_span(out, request, i);
    }
  }
  out.append("]}]}]}");
  return out;
}

}  // namespace spillway::observe
