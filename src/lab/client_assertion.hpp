#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entra_errors.hpp"
#include "identity_config.hpp"

namespace spillway::lab {

// Whether an assertion proves who the application is (RFC 7523 3): signed with its certificate, when the application
// itself is the issuer, else brought from a federated issuer. Of the latter the signature is not looked at, as its keys
// are somewhere on the Internet. `audiences`: what a certificate's assertion may be meant for. Nothing when it is good.
std::optional<EntraError> check_assertion(std::string_view assertion, const ApplicationConfig& application,
                                          const std::vector<std::string>& audiences, std::int64_t unix_seconds);

}  // namespace spillway::lab
