#include "spillway/routing/access.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "spillway/base/owned.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"
#include "spillway/http/websocket.hpp"

namespace spillway::routing {
namespace {

constexpr std::string_view bearer = "bearer";

// What one header says: nothing, one value, or values that contradict each other.
struct Said {
  std::string_view value;
  bool contradictory = false;

  void add(std::string_view text) {
    if (text.empty() || text == value) return;
    contradictory = contradictory || !value.empty();
    value = text;
  }
};

struct Credentials {
  Said api_key;
  Said subscription_key;
  Said authorization;
};

// Without the value when that is `Bearer` alone.
std::string_view without_empty_bearer(std::string_view value) {
  return iequals(value, bearer) ? "" : value;
}

Credentials credentials(const http::RequestHead& head) {
  Credentials found;
  for (const http::Field& field : head.fields) {
    switch (field.id) {
      case http::FieldId::api_key: found.api_key.add(trim(field.value)); break;
      case http::FieldId::ocp_apim_subscription_key: found.subscription_key.add(trim(field.value)); break;
      case http::FieldId::authorization: found.authorization.add(without_empty_bearer(trim(field.value))); break;
      default: break;
    }
  }
  return found;
}

// The token of `Bearer TOKEN` (RFC 6750 2.1; the scheme's case does not matter, RFC 9110 11.1), empty for anything
// else.
std::string_view bearer_token(std::string_view authorization) {
  if (authorization.size() <= bearer.size() || authorization[bearer.size()] != ' ') return {};
  if (!iequals(authorization.substr(0, bearer.size()), bearer)) return {};
  return trim(authorization.substr(bearer.size()));
}

}  // namespace

struct Access::Sha256 {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);

  Sha256() = default;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256() { EVP_MD_free(algorithm); }
};

Access::Access(const config::Config& config)
    : sha256_(std::make_shared<const Sha256>()), anonymous_(config.clients.empty()) {
  if (sha256_->algorithm == nullptr) throw std::runtime_error("OpenSSL has no SHA-256");
  std::array<unsigned char, sizeof spread_> random;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    throw std::runtime_error("no random bytes for the table of client keys");
  std::memcpy(&spread_, random.data(), sizeof spread_);
  spread_ |= 1U;
  std::size_t keys = 0;
  for (const config::Client& client : config.clients) keys += client.keys.size();
  entries_.resize(std::bit_ceil(2 * keys + 2));
  for (std::size_t client = 0; client < config.clients.size(); ++client)
    for (const config::ClientKey& key : config.clients[client].keys) add(key, client);
}

Access::Decision Access::admit(const http::RequestHead& head, WallTime now) const {
  if (anonymous_) return {true, std::nullopt, {}, {}};
  const auto decide = [&](std::string_view key) -> Decision {
    const Entry* const entry = find(key);
    if (entry == nullptr) return {false, std::nullopt, Refusal::invalid_api_key, std::string(key)};
    if (now >= entry->expires) return {false, std::nullopt, Refusal::expired_api_key, {}};
    return {true, entry->client, {}, {}};
  };
  const Credentials said = credentials(head);
  for (const Said* header : {&said.api_key, &said.subscription_key, &said.authorization}) {
    if (header->value.empty()) continue;
    if (header->contradictory) return {false, std::nullopt, Refusal::invalid_api_key, {}};
    return decide(header == &said.authorization ? bearer_token(header->value) : header->value);
  }
  for (const std::string_view parameter : {"api-key", "subscription-key"}) {
    const std::optional<std::string> value = http::query_value(head.query, parameter, true);
    if (value && !value->empty()) return decide(*value);
  }
  if (http::asks_for_websocket(head)) {
    const std::string_view key = http::subprotocol_key(head);
    if (!key.empty()) return decide(key);
    std::optional<std::string> token = http::query_value(head.query, "authorization", true);
    if (token && token->size() > bearer.size() && (*token)[bearer.size()] == '+') {
      (*token)[bearer.size()] = ' ';  // as forms and browsers encode it
    }
    if (token && !without_empty_bearer(trim(*token)).empty()) return decide(bearer_token(trim(*token)));
  }
  return {false, std::nullopt, Refusal::missing_api_key, {}};
}

bool Access::is_client_key(std::string_view key) const {
  return find(key) != nullptr;
}

Access::Digest Access::hash(std::string_view key) const {
  thread_local const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  Digest digest{};
  const bool good = context != nullptr && EVP_DigestInit_ex2(context.get(), sha256_->algorithm, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), key.data(), key.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  if (!good) throw std::runtime_error("SHA-256 failed");
  return digest;
}

std::size_t Access::place(const Digest& digest) const noexcept {
  std::uint64_t start = 0;
  std::memcpy(&start, digest.data(), sizeof start);
  const std::size_t mask = entries_.size() - 1;
  // The product's highest bits: they depend on all of both factors.
  std::size_t at = static_cast<std::size_t>(start * spread_ >> std::countl_zero(std::uint64_t{mask}));
  while (entries_[at].client && CRYPTO_memcmp(entries_[at].digest.data(), digest.data(), digest.size()) != 0)
    at = (at + 1) & mask;
  return at;
}

// A key that a client has twice ends with the later of the two.
void Access::add(const config::ClientKey& key, std::size_t client) {
  const WallTime expires = key.expires.value_or(WallTime::max());
  Entry& entry = entries_[place(key.digest)];
  entry = {key.digest, client, entry.client ? std::max(entry.expires, expires) : expires};
}

const Access::Entry* Access::find(std::string_view key) const {
  if (key.empty()) return nullptr;
  const Entry& entry = entries_[place(hash(key))];
  return entry.client ? &entry : nullptr;
}

}  // namespace spillway::routing
