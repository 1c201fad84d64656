#pragma once

#include <string>

namespace spillway::lab {

struct SelfSigned {
  std::string certificate;  // PEM
  std::string private_key;  // PEM
};

// A certificate of its own authority for 127.0.0.1 and localhost, P-256, valid for 30 days. Throws std::runtime_error
// when OpenSSL refuses.
SelfSigned self_signed_certificate();

// 24 random bytes in hexadecimal.
std::string random_key();

}  // namespace spillway::lab
