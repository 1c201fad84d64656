#include "spillway/observe/access_log.hpp"

#include "decimal.hpp"
#include "spillway/base/text.hpp"

namespace spillway::observe {
namespace {

std::string_view name(AbortedBy side) noexcept {
  switch (side) {
    case AbortedBy::none: return "none";
    case AbortedBy::client: return "client";
    case AbortedBy::upstream: return "upstream";
  }
  return "none";
}

std::int64_t microseconds(Duration duration) noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

void append_milliseconds(std::string& out, Duration duration) {
  append_decimal(out, microseconds(duration), 3);
}

void append_text_or_null(std::string& out, std::string_view text) {
  if (text.empty())
    out.append("null");
  else
    append_json_string(out, text);
}

void append_status_or_null(std::string& out, int status) {
  if (status == 0)
    out.append("null");
  else
    out.append(std::to_string(status));
}

void append_attempt(std::string& out, const AttemptRecord& attempt) {
  out.append("{\"backend\":");
  append_json_string(out, attempt.backend);
  out.append(",\"deployment\":");
  append_text_or_null(out, attempt.deployment);
  if (attempt.status != 0) {
    out.append(",\"status\":").append(std::to_string(attempt.status));
  } else {
    out.append(",\"error\":");
    append_json_string(out, attempt.error);
  }
  out.append(",\"ms\":");
  append_milliseconds(out, attempt.took);
  out.push_back('}');
}

// A terminal obeys escape sequences, some of them written in bytes above 0x7F.
void append_visible(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      out.push_back(c);
    } else {
      out.append("\\x");
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0xFU]);
    }
  }
}

void append_named(std::string& out, std::string_view field, std::string_view value) {
  if (value.empty()) return;
  out.append("  ").append(field).push_back('=');
  const bool quoted = value.find_first_of(" \"") != std::string_view::npos;
  if (quoted) out.push_back('"');
  append_visible(out, value);
  if (quoted) out.push_back('"');
}

}  // namespace

void append_json(std::string& out, const AccessRecord& record) {
  const auto text = [&out](std::string_view field, std::string_view value) {
    out.append(",\"").append(field).append("\":");
    append_text_or_null(out, value);
  };
  const auto number = [&out](std::string_view field, std::uint64_t value) {
    out.append(",\"").append(field).append("\":").append(std::to_string(value));
  };
  out.append("{\"time\":\"").append(format_time(record.time)).push_back('"');
  text("request_id", record.request_id);
  text("client", record.client);
  text("method", record.method);
  text("path", record.path);
  text("route", record.route);
  text("pool", record.pool);
  text("model", record.model);
  out.append(",\"stream\":").append(record.stream ? "true" : "false");
  out.append(",\"attempts\":[");
  for (std::size_t i = 0; i < record.attempts.size(); ++i) {
    if (i != 0) out.push_back(',');
    append_attempt(out, record.attempts[i]);
  }
  out.append("],\"status\":");
  append_status_or_null(out, record.status);
  text("region", record.region);
  out.append(",\"ttfb_ms\":");
  if (record.ttfb)
    append_milliseconds(out, *record.ttfb);
  else
    out.append("null");
  out.append(",\"duration_ms\":");
  append_milliseconds(out, record.duration);
  out.append(",\"overhead_us\":");
  append_decimal(out, microseconds(record.overhead), 0);
  number("bytes_in", record.bytes_in);
  number("bytes_out", record.bytes_out);
  text("upstream_request_id", record.upstream_request_id);
  text("aborted_by", name(record.aborted_by));
  out.push_back('}');
}

void append_text(std::string& out, const AccessRecord& record) {
  out.append(format_time(record.time)).append(" access  ");
  out.append(record.status == 0 ? "-" : std::to_string(record.status)).push_back(' ');
  append_visible(out, record.method.empty() ? "-" : std::string_view(record.method));
  out.push_back(' ');
  append_visible(out, record.path.empty() ? "-" : std::string_view(record.path));
  out.append("  ");
  append_milliseconds(out, record.duration);
  out.append("ms");
  if (record.ttfb) {
    out.append("  first_byte=");
    append_milliseconds(out, *record.ttfb);
    out.append("ms");
  }
  append_named(out, "client", record.client);
  append_named(out, "route", record.route);
  append_named(out, "pool", record.pool);
  append_named(out, "model", record.model);
  if (record.stream) out.append("  stream");
  append_named(out, "attempts", attempts_header(record.attempts));
  append_named(out, "region", record.region);
  out.append("  in=").append(std::to_string(record.bytes_in));
  out.append("  out=").append(std::to_string(record.bytes_out));
  append_named(out, "id", record.request_id);
  append_named(out, "upstream_id", record.upstream_request_id);
  if (record.aborted_by != AbortedBy::none) append_named(out, "aborted_by", name(record.aborted_by));
}

std::string attempts_header(const std::vector<AttemptRecord>& attempts) {
  std::string out;
  for (const AttemptRecord& attempt : attempts) {
    if (!out.empty()) out.append(", ");
    out.append(attempt.backend).push_back(';');
    if (attempt.status != 0)
      out.append(std::to_string(attempt.status));
    else
      out.append(attempt.error);
  }
  return out;
}

}  // namespace spillway::observe
