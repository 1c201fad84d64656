#pragma once

#include "rules.hpp"
#include "spillway/config/client_identity.hpp"

// Values of a client's `entra` and `certificate`.
namespace spillway::config {

Rule<std::string> guid();
// One tenant: never `common` and the like.
Rule<std::string> tenant();
// An audience, a claim's value.
Rule<std::string> claim_value();
// The URL's text without a trailing slash.
Rule<std::string> authority();
Rule<std::map<std::string, std::vector<std::string>>> required_claims();
Rule<CertificateName> certificate_subject();
Rule<CertificateName> certificate_alternative();

}  // namespace spillway::config
