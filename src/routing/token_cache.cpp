#include "token_cache.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "spillway/base/owned.hpp"

namespace spillway::routing {

TokenCache::TokenCache(std::size_t capacity)
    : sets_(std::bit_ceil(std::max<std::size_t>(1, (capacity + 7) / std::tuple_size_v<decltype(Set::entries)>))) {}

TokenCache::Digest TokenCache::digest(std::string_view token) {
  static const Owned<EVP_MD, EVP_MD_free> sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  Digest digest{};
  if (!sha256 || !context || EVP_DigestInit_ex2(context.get(), sha256.get(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), token.data(), token.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return digest;
}

std::optional<std::size_t> TokenCache::find(const Digest& token, WallTime now) {
  Set& set = set_of(token);
  const std::lock_guard lock(set.mutex);
  for (Entry& entry : set.entries) {
    if (entry.until <= now || entry.token != token) continue;
    entry.used = ++set.uses;
    return entry.client;
  }
  return std::nullopt;
}

void TokenCache::put(const Digest& token, std::size_t client, WallTime until, WallTime now, std::uint64_t generation) {
  Set& set = set_of(token);
  const std::lock_guard lock(set.mutex);
  // Checked inside the lock: a clear() that comes later will take this set's lock and find the entry.
  if (generation != generation_.load()) return;
  const auto rank = [&](const Entry& entry) {
    if (entry.token == token) return std::uint64_t{0};
    return entry.until <= now ? std::uint64_t{1} : entry.used + 2;
  };
  Entry& worst = *std::min_element(set.entries.begin(), set.entries.end(),
                                   [&](const Entry& a, const Entry& b) { return rank(a) < rank(b); });
  worst = {token, until, client, ++set.uses};
}

void TokenCache::clear() {
  ++generation_;
  for (Set& set : sets_) {
    const std::lock_guard lock(set.mutex);
    set.entries.fill({});
  }
}

TokenCache::Set& TokenCache::set_of(const Digest& token) noexcept {
  std::uint64_t start = 0;
  std::memcpy(&start, token.data(), sizeof start);
  return sets_[static_cast<std::size_t>(start) & (sets_.size() - 1)];
}

}  // namespace spillway::routing
