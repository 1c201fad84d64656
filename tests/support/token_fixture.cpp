#include "token_fixture.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace spillway::routing::test {
namespace {

void need(bool good) {
  if (!good) throw std::runtime_error("OpenSSL failed");
}

std::string number(const EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* value = nullptr;
  need(EVP_PKEY_get_bn_param(key, name, &value) == 1);
  std::string bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(value) : size), '\0');
  need(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) > 0);
  BN_free(value);
  return bytes;
}

// r and s of 32 bytes each.
std::string raw_signature(const std::string& der) {
  const auto* in = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()));
  need(signature != nullptr);
  std::string raw(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
  ECDSA_SIG_free(signature);
  return raw;
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}

Signer::Signer(std::string kid, EVP_PKEY* key, bool ec) : kid_(std::move(kid)), key_(key, EVP_PKEY_free), ec_(ec) {
  need(key != nullptr);
}

Signer Signer::rsa(std::string kid, unsigned bits) {
  return {std::move(kid), EVP_RSA_gen(bits), false};
}

Signer Signer::p256(std::string kid) {
  return {std::move(kid), EVP_EC_gen("P-256"), true};
}

json Signer::jwk() const {
  if (ec_) {
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"use", "sig"},
            {"kid", kid_},
            {"x", base64url(number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32))},
            {"y", base64url(number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32))}};
  }
  return {{"kty", "RSA"},
          {"use", "sig"},
          {"kid", kid_},
          {"x5t", kid_},
          {"n", base64url(number(key_.get(), OSSL_PKEY_PARAM_RSA_N))},
          {"e", base64url(number(key_.get(), OSSL_PKEY_PARAM_RSA_E))},
          {"issuer", "https://login.microsoftonline.com/{tenantid}/v2.0"}};
}

std::string Signer::sign(std::string_view text) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  need(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  need(EVP_DigestSign(context, nullptr, &size, data, text.size()) == 1);
  std::string signature(size, '\0');
  need(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, data, text.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return ec_ ? raw_signature(signature) : signature;
}

std::string Signer::token(const json& header, const json& claims) const {
  const std::string text = base64url(header.dump()) + "." + base64url(claims.dump());
  return text + "." + base64url(sign(text));
}

std::string Signer::token(const json& claims) const {
  return token(header(), claims);
}

json Signer::header() const {
  return {{"typ", "JWT"}, {"alg", ec_ ? "ES256" : "RS256"}, {"kid", kid_}};
}

const Signer& first_signer() {
  static const Signer signer = Signer::rsa("first");
  return signer;
}

const Signer& second_signer() {
  static const Signer signer = Signer::p256("second");
  return signer;
}

const Signer& other_signer() {
  static const Signer signer = Signer::rsa("first");
  return signer;
}

std::string jwks(const std::vector<json>& keys) {
  return json{{"keys", keys}}.dump();
}

std::shared_ptr<const TokenKeys> keys(const std::vector<json>& keys) {
  return TokenKeys::parse(jwks(keys));
}

json claims() {
  return {{"iss", "https://login.microsoftonline.com/" + tenant + "/v2.0"},
          {"aud", "api://spillway"},
          {"nbf", now_seconds},
          {"exp", now_seconds + 3600},
          {"azp", application},
          {"tid", tenant},
          {"ver", "2.0"}};
}

config::Entra entra() {
  config::Entra entra;
  entra.tenant_id = tenant;
  entra.audiences = {"spillway"};
  return entra;
}

}  // namespace spillway::routing::test
