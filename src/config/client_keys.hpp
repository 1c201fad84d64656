#pragma once

#include <optional>
#include <string_view>

#include "rules.hpp"

namespace spillway::config {

// An item of `clients[].keys` written as a map.
struct ClientKeySection {
  std::optional<ClientKey> key;
  std::optional<WallTime> not_after;
};

// The digest of a key as the file has it: the key itself, or `sha256:` and 64 hexadecimal digits. Nothing when these
// are not what follows `sha256:`.
std::optional<KeyDigest> written_key_digest(std::string_view text);

// The scalar of an item of `clients[].keys` that holds the key.
std::optional<Place> key_of_item(const Place& item);

// One key; empty ones give nothing, and no problem.
Rule<std::optional<ClientKey>> client_key();
// The same, or a map that holds one.
Rule<std::optional<ClientKey>> client_key_item();

// `2027-01-31`, which ends with that day in UTC, or `2027-01-31T12:00:00Z` (ISO 8601). Nothing for anything else and
// for days before 1970.
std::optional<WallTime> parse_end(std::string_view text);
Rule<WallTime> end_time();

}  // namespace spillway::config
