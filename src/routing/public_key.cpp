#include "public_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "spillway/base/owned.hpp"

namespace spillway::routing {
namespace {

using Number = Owned<BIGNUM, BN_free>;
using Parameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using ParameterBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;

constexpr int least_bits = 2048;
constexpr int most_bits = 8192;
constexpr std::size_t p256_size = 32;

// What fails here leaves nothing in the thread's queue of errors, where a later TLS operation would find it.
struct ErrorQueue {
  ErrorQueue() { ERR_set_mark(); }
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
  ~ErrorQueue() { ERR_pop_to_mark(); }
};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number(std::string_view text) {
  return Number(BN_bin2bn(bytes(text), static_cast<int>(text.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> import_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return {key, EVP_PKEY_free};
}

}  // namespace

std::shared_ptr<EVP_PKEY> rsa_key(std::string_view modulus, std::string_view exponent) {
  const ErrorQueue queue;
  if (modulus.size() > most_bits / 8 + 1 || exponent.size() > 8) return nullptr;
  const Number n = number(modulus);
  const Number e = number(exponent);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || BN_num_bits(n.get()) < least_bits || BN_num_bits(n.get()) > most_bits) return nullptr;
  if (BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1) return nullptr;
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return import_key("RSA", builder.get());
}

std::shared_ptr<EVP_PKEY> p256_key(std::string_view x, std::string_view y) {
  const ErrorQueue queue;
  if (x.size() != p256_size || y.size() != p256_size) return nullptr;
  // An uncompressed point (SEC 1 2.3.3).
  const std::string point = std::string(1, '\x04').append(x).append(y);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
    return nullptr;
  std::shared_ptr<EVP_PKEY> key = import_key("EC", builder.get());
  if (key == nullptr) return nullptr;
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;
}

bool same_key(const EVP_PKEY& a, const EVP_PKEY& b) {
  const ErrorQueue queue;
  return EVP_PKEY_eq(&a, &b) == 1;
}

bool verifies(EVP_PKEY& key, std::string_view text, std::string_view signature) {
  const ErrorQueue queue;
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, &key, nullptr) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

std::string ecdsa_der(std::string_view numbers) {
  const ErrorQueue queue;
  if (numbers.size() != 2 * p256_size) return {};
  Number r = number(numbers.substr(0, p256_size));
  Number s = number(numbers.substr(p256_size));
  const EcdsaSignature signature(ECDSA_SIG_new());
  if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  return i2d_ECDSA_SIG(signature.get(), &out) == size ? der : std::string();
}

}  // namespace spillway::routing
