#pragma once

#include <string>

namespace spillway::config::test {

struct Certificate {
  std::string certificate;
  std::string key;
};

// Self-signed, in PEM, with a new P-256 key. Times as in X.509 (`20000101000000Z`).
Certificate make_certificate(const char* not_before = "20000101000000Z", const char* not_after = "21000101000000Z");

// The same with a new RSA key of 2048 bits.
Certificate make_rsa_certificate();

// A private key in PEM that needs a password.
std::string encrypted_key();

}  // namespace spillway::config::test
