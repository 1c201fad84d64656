#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "decimal.hpp"
#include "spillway/observe/access_log.hpp"

namespace spillway::observe {
namespace {

using std::chrono::duration_cast;

constexpr std::size_t time_width = 9;  // `671000ms`

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

void append_field(std::string& out, std::string_view value) {
  out.append("  ");
  append_visible(out, value.empty() ? "-" : value);
}

void append_right(std::string& out, std::string_view text, std::size_t width) {
  if (text.size() < width) out.append(width - text.size(), ' ');
  out.append(text);
}

// Of short times the tenths matter.
std::string milliseconds(Duration duration) {
  constexpr std::int64_t short_tenths = 1000;
  const std::int64_t tenths = duration_cast<std::chrono::microseconds>(duration).count() / 100;
  std::string text;
  if (tenths < short_tenths)
    append_decimal(text, tenths, 1);
  else
    append_decimal(text, tenths / 10, 0);
  return text.append("ms");
}

// What ended badly for the one who asked is red, what he asked wrongly or too often is yellow.
std::string_view colour_of(int status) noexcept {
  if (status < 100 || status >= 500) return "\x1b[31m";
  return status >= 400 ? "\x1b[33m" : "\x1b[32m";
}

void append_status(std::string& out, int status, std::string_view otherwise, bool colours) {
  if (colours) out.append(colour_of(status));
  out.append(status == 0 ? otherwise : std::to_string(status));
  if (colours) out.append("\x1b[0m");
}

// `eastus-ptu 429 > westus 200`
void append_attempts(std::string& out, const std::vector<AttemptRecord>& attempts, bool colours) {
  out.append("  ");
  if (attempts.empty()) out.push_back('-');
  for (const AttemptRecord& attempt : attempts) {
    if (&attempt != &attempts.front()) out.append(" > ");
    append_visible(out, attempt.backend);
    out.push_back(' ');
    append_status(out, attempt.status, attempt.error, colours);
  }
}

}  // namespace

void append_text(std::string& out, const AccessRecord& record, bool colours) {
  out.append(format_time(record.time)).push_back(' ');
  append_status(out, record.status, "---", colours);
  append_right(out, milliseconds(record.duration), time_width);
  append_right(out, record.ttfb ? milliseconds(*record.ttfb) : "-", time_width);
  out.append("  ");
  append_visible(out, record.method.empty() ? "-" : std::string_view(record.method));
  out.push_back(' ');
  append_visible(out, record.path.empty() ? "-" : std::string_view(record.path));
  append_field(out, record.client);
  append_field(out, record.model);
  append_attempts(out, record.attempts, colours);
  if (record.stream) out.append("  stream");
  if (record.aborted_by != AbortedBy::none)
    out.append(record.aborted_by == AbortedBy::client ? "  aborted by client" : "  aborted by upstream");
  if (record.stands_for != 1) out.append("  stands for ").append(std::to_string(record.stands_for));
  // What to look for elsewhere when something is wrong.
  if (record.status >= 100 && record.status < 400 && record.aborted_by == AbortedBy::none) return;
  out.append("  id=");
  append_visible(out, record.request_id);
  if (!record.trace_id.empty()) out.append("  trace=").append(record.trace_id);
  if (record.upstream_request_id.empty()) return;
  out.append("  upstream_id=");
  append_visible(out, record.upstream_request_id);
}

}  // namespace spillway::observe
