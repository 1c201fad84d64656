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

// FNV-1a, 64 bits: the same everywhere and always.
std::uint64_t hash(std::string_view text) noexcept {
  std::uint64_t value = 0xCBF29CE484222325U;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return value;
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

}  // namespace

std::uint32_t stands_for(const AccessRecord& record, const AccessSampling& sampling) noexcept {
  const bool went_well = record.status >= 100 && record.status < 400 && record.attempts.size() == 1 &&
                         record.aborted_by == AbortedBy::none && record.duration < sampling.slow;
  if (!went_well || sampling.one_in <= 1) return 1;
  return hash(record.request_id) % sampling.one_in == 0 ? sampling.one_in : 0;
}

void append_json(std::string& out, const AccessRecord& record) {
  // `name` with its comma, quotes and colon: most lines are nothing but short pieces, so there are as few as can be.
  const auto text = [&out](std::string_view name, std::string_view value) {
    out.append(name);
    append_text_or_null(out, value);
  };
  const auto number = [&out](std::string_view name, std::uint64_t value) {
    out.append(name).append(std::to_string(value));
  };
  out.append("{\"time\":\"").append(format_time(record.time));
  text("\",\"request_id\":", record.request_id);
  text(",\"client\":", record.client);
  text(",\"method\":", record.method);
  text(",\"path\":", record.path);
  text(",\"route\":", record.route);
  text(",\"pool\":", record.pool);
  text(",\"model\":", record.model);
  out.append(record.stream ? ",\"stream\":true,\"attempts\":[" : ",\"stream\":false,\"attempts\":[");
  for (std::size_t i = 0; i < record.attempts.size(); ++i) {
    if (i != 0) out.push_back(',');
    append_attempt(out, record.attempts[i]);
  }
  out.append("],\"status\":");
  append_status_or_null(out, record.status);
  text(",\"region\":", record.region);
  out.append(",\"ttfb_ms\":");
  if (record.ttfb)
    append_milliseconds(out, *record.ttfb);
  else
    out.append("null");
  out.append(",\"duration_ms\":");
  append_milliseconds(out, record.duration);
  out.append(",\"overhead_us\":");
  append_decimal(out, microseconds(record.overhead), 0);
  number(",\"bytes_in\":", record.bytes_in);
  number(",\"bytes_out\":", record.bytes_out);
  text(",\"upstream_request_id\":", record.upstream_request_id);
  text(",\"aborted_by\":", name(record.aborted_by));
  if (record.stands_for != 1) number(",\"stands_for\":", record.stands_for);
  if (!record.trace_id.empty()) text(",\"trace_id\":", record.trace_id);
  out.push_back('}');
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
