#pragma once

#include <string>
#include <string_view>

#include "spillway/base/time.hpp"

namespace spillway::identity {

// What an application proves itself with instead of a secret (RFC 7523 3): a JWT signed with RS256, which names the
// certificate by its SHA-1 and SHA-256 thumbprints (RFC 7515 4.1.7, 4.1.8) and is good for ten minutes.
struct AssertionClaims {
  std::string audience;   // the URL the token is asked for at
  std::string client_id;  // issuer and subject
  std::string id;         // never used twice
};

struct Assertion {
  std::string jwt;
  std::string problem;  // for the log, when there is none: why the certificate or key cannot be used
};

Assertion sign_assertion(const AssertionClaims& claims, std::string_view certificate_pem,
                         std::string_view private_key_pem, WallTime now);

}  // namespace spillway::identity
