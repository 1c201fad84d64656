#include "spillway/http/retry_after.hpp"

#include <array>

#include "spillway/base/text.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

constexpr Milliseconds longest = std::chrono::hours(24 * 3650);

// A decimal number of `unit`s, cut to milliseconds and to ten years.
std::optional<Milliseconds> parse_wait(std::string_view text, std::int64_t unit) noexcept {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? "0" : text.substr(point + 1);
  if (whole.empty() || fraction.empty()) return std::nullopt;
  std::int64_t total = 0;
  for (const char c : whole) {
    if (!syntax::is_digit(c)) return std::nullopt;
    total = std::min<std::int64_t>(total * 10 + (c - '0'), longest.count());
  }
  total *= unit;
  for (const char c : fraction) {
    if (!syntax::is_digit(c)) return std::nullopt;
    unit /= 10;
    total += unit * (c - '0');
  }
  return std::min(Milliseconds(total), longest);
}

std::optional<Milliseconds> read_milliseconds(std::string_view text) noexcept {
  return parse_wait(text, 1);
}

std::optional<Milliseconds> read_seconds_or_date(std::string_view text, WallTime now) noexcept {
  if (const auto seconds = parse_wait(text, 1000)) return seconds;
  const std::optional<WallTime> date = parse_http_date(text);
  if (!date || *date <= now) return std::nullopt;
  // Whole seconds first: the difference of two extreme dates does not fit into nanoseconds.
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*date) - std::chrono::floor<std::chrono::seconds>(now);
  if (seconds > longest) return longest;
  return std::chrono::duration_cast<Milliseconds>(*date - now);
}

}  // namespace

std::optional<RetryAfter> retry_after(const ResponseHead& head, WallTime now) noexcept {
  for (const FieldId id : {FieldId::retry_after_ms, FieldId::x_ms_retry_after_ms}) {
    const Field* field = head.find(id);
    if (field == nullptr) continue;
    const auto wait = read_milliseconds(field->value);
    if (wait && wait->count() > 0) return RetryAfter{*wait, field->value};
  }
  if (const Field* field = head.find(FieldId::retry_after)) {
    const auto wait = read_seconds_or_date(field->value, now);
    if (wait && wait->count() > 0) return RetryAfter{*wait, field->value};
  }
  return std::nullopt;
}

}  // namespace spillway::http
