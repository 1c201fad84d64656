#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spillway/base/time.hpp"
#include "spillway/http/head.hpp"

namespace spillway::http {

// A wait a backend asked for.
struct RetryAfter {
  Milliseconds wait{};     // more than zero
  std::string_view value;  // as it was written
};

// `retry-after-ms`, else `x-ms-retry-after-ms`, else `Retry-After` in seconds or as an HTTP date (RFC 9110 10.2.3).
// All numbers may have a decimal fraction. Zero, negative, past and unreadable values fall through to the next source.
// Fractions of milliseconds are cut; values beyond ten years count as ten years.
std::optional<RetryAfter> retry_after(const ResponseHead& head, WallTime now) noexcept;

// An HTTP date in any of the three forms of RFC 9110 5.6.7. Years of two digits are 1970 to 2069; the name of the day
// is not checked against the date. A date beyond what WallTime can hold becomes the last it can hold.
std::optional<WallTime> parse_http_date(std::string_view text) noexcept;

// `Sun, 06 Nov 1994 08:49:37 GMT`
std::string format_http_date(WallTime time);

}  // namespace spillway::http
