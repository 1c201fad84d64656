#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

// Public keys from their numbers, and signatures with SHA-256, all by OpenSSL's EVP. Numbers are big-endian bytes.
namespace spillway::routing {

// Null unless the modulus has 2048 to 8192 bits and the exponent is odd and at least 3.
std::shared_ptr<EVP_PKEY> rsa_key(std::string_view modulus, std::string_view exponent);
// Null unless both have 32 bytes (RFC 7518 6.2.1.2) and the point is on the curve.
std::shared_ptr<EVP_PKEY> p256_key(std::string_view x, std::string_view y);
bool same_key(const EVP_PKEY& a, const EVP_PKEY& b);

// RSA: PKCS #1 v1.5; EC: `signature` is ASN.1.
bool verifies(EVP_PKEY& key, std::string_view text, std::string_view signature);
// The ASN.1 form of r and s of 32 bytes each; empty when there are not 64 bytes.
std::string ecdsa_der(std::string_view numbers);

}  // namespace spillway::routing
