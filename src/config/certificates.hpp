#pragma once

#include <string>
#include <string_view>

namespace spillway::config {

// What a PEM file with certificates is worth.
struct CertificateCheck {
  std::string problem;  // not empty: not usable, and why
  int certificates = 0;
  int expired = 0;
  int not_yet_valid = 0;
};

// Every certificate in it must parse, and there must be one. Validity is judged by the system's clock.
CertificateCheck check_certificates(std::string_view pem);

// Why this is no private key to serve with, or nothing. Encrypted keys are refused: nobody is there to type the
// password.
std::string check_private_key(std::string_view pem);

bool is_rsa_key(std::string_view pem);

// Whether the key belongs to the first certificate. Both have been checked before.
bool key_matches(std::string_view certificate_pem, std::string_view key_pem);

}  // namespace spillway::config
