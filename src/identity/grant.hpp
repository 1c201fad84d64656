#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "spillway/base/time.hpp"
#include "spillway/config/secret.hpp"

namespace spillway::identity {

// An access token as its issuer gave it.
struct Grant {
  config::Secret token;                    // visible ASCII: may stand in a header
  Milliseconds expires_in{};               // above zero, counted from when the answer came
  std::optional<Milliseconds> refresh_in;  // when the issuer wants to be asked again; before `expires_in`
};

// The JSON of a token answer (RFC 6749 5.1, and what App Service, Arc and IMDS make of it): `expires_in` as number or
// numeric string, `expires_on` as seconds since 1970, as number or string, or as a date. When both are there the
// earlier end counts, unless `expires_on` is over already, which says that one of the clocks is wrong. Else a text for
// the log, which shows nothing of the answer.
std::variant<Grant, std::string> parse_grant(std::string_view json, WallTime now);

// `2026-01-31T12:00:00Z`, `1/31/2026 12:00:00 PM +00:00` or `01/31/2026 12:00:00 +00:00`.
std::optional<WallTime> parse_date(std::string_view text) noexcept;

// What an answer without a token says, for the log: the status, then `error` and the beginning of `error_description`
// (RFC 6749 5.2) or `message`, on one line. `secrets` are taken out if they should appear.
std::string describe_refusal(int status, std::string_view body, std::span<const std::string_view> secrets);

}  // namespace spillway::identity
