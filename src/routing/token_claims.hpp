#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/client_identity.hpp"
#include "spillway/routing/token_refusal.hpp"

// What a token that is signed by the right tenant says, against what a client's `entra` asks for.
namespace spillway::routing {

// How far the clocks of the issuer and of this machine may be apart.
inline constexpr std::chrono::seconds clock_skew{60};

// `exp` as a time (RFC 7519 2, NumericDate), at most the year 2255; nothing when it is missing or no number.
std::optional<WallTime> expiry(const nlohmann::json& claims);

// The first thing that does not fit, in the order of TokenRefusal; nothing when everything does.
std::optional<TokenRefusal> check_claims(const config::Entra& entra, const nlohmann::json& claims, WallTime now);

// The issuers of a tenant's tokens, given its GUID: of version 2, `{authority}/{tenant}/v2.0`, and of version 1, which
// is the cloud's token service whatever the authority's name.
std::vector<std::string> issuers(std::string_view authority, std::string_view tenant);

// The tenant's GUID in an issuer, in lower case, or nothing.
std::optional<std::string> tenant_of(std::string_view issuer);

}  // namespace spillway::routing
