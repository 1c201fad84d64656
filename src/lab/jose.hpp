#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "json.hpp"
#include "spillway/base/base64url.hpp"

// Keys that sign and verify as JSON Web Signatures do (RFC 7515, RFC 7518), on OpenSSL's EVP.
namespace spillway::lab {

enum class Algorithm { rs256, es256, ps256 };
std::string_view name(Algorithm algorithm) noexcept;
// By the name JOSE gives it; nothing for others, `none` included.
std::optional<Algorithm> algorithm_of(std::string_view name) noexcept;

// A key that verifies. Copies share it.
class VerifyingKey {
 public:
  explicit VerifyingKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}

  // False too when the key is not of the algorithm's kind.
  bool verifies(Algorithm algorithm, std::string_view text, std::string_view signature) const;
  // RFC 7517, `kty` and the numbers only.
  Json jwk() const;
  // SubjectPublicKeyInfo.
  std::string pem() const;
  // Names the key: the SHA-256 of its public half.
  std::string thumbprint() const;

 protected:
  std::shared_ptr<EVP_PKEY> key_;
};

class SigningKey : public VerifyingKey {
 public:
  // RSA of 2048 bits, or P-256. Throws std::runtime_error when OpenSSL cannot.
  static SigningKey generate(Algorithm algorithm);
  // From PEM; nothing when it is none.
  static std::optional<SigningKey> read(std::string_view pem, Algorithm algorithm);

  Algorithm algorithm() const noexcept { return algorithm_; }
  const std::string& kid() const noexcept { return kid_; }
  std::string sign(std::string_view text) const;

 private:
  SigningKey(std::shared_ptr<EVP_PKEY> key, Algorithm algorithm);

  Algorithm algorithm_;
  std::string kid_;
};

// A client's certificate, as an assertion names it.
struct ClientCertificate {
  VerifyingKey key;
  std::string sha1;    // of the DER, base64url: `x5t`
  std::string sha256;  // `x5t#S256`

  // The first certificate of a PEM text; nothing when there is none.
  static std::optional<ClientCertificate> read(std::string_view pem);
};

}  // namespace spillway::lab
