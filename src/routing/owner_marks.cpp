#include "spillway/routing/owner_marks.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace spillway::routing {
namespace {

using Digest = std::array<unsigned char, 32>;

constexpr std::size_t mark_bytes = 12;
// A cookie: the nonce with a zero behind it, then the beginning of the HMAC.
constexpr std::size_t nonce_bytes = 9;
constexpr std::size_t proof_bytes = 15;
constexpr std::size_t nonce_size = nonce_bytes / 3 * 4;
constexpr std::size_t cookie_size = nonce_size + proof_bytes / 3 * 4;

// What marks are made with where no secret is configured. Never to be changed: ids given out would lead nowhere.
constexpr std::string_view public_secret = "spillway: objects are found again without a secret, too";

constexpr std::string_view id_purpose = "spillway id";
constexpr std::string_view cookie_purpose = "spillway cookie";

constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// RFC 4648 5. The bytes come in threes, so there is no padding.
void encode(const unsigned char* bytes, std::size_t size, char* out) noexcept {
  for (std::size_t at = 0; at < size; at += 3) {
    const unsigned group = static_cast<unsigned>(bytes[at]) << 16U | static_cast<unsigned>(bytes[at + 1]) << 8U |
                           static_cast<unsigned>(bytes[at + 2]);
    for (unsigned shift = 24; shift != 0;) *out++ = base64url[group >> (shift -= 6) & 0x3FU];
  }
}

bool is_base64url(std::string_view text) noexcept {
  return text.find_first_not_of(base64url) == std::string_view::npos;
}

bool same(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

struct Free {
  void operator()(EVP_MAC* algorithm) const { EVP_MAC_free(algorithm); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, Free>;

void require(bool works) {
  if (!works) throw std::runtime_error("HMAC-SHA256 failed");
}

// An HMAC under way: whatever is added to it counts with its length, so that no two lists of texts are the same.
class Hmac {
 public:
  explicit Hmac(const Context& keyed) : context_(EVP_MAC_CTX_dup(keyed.get())) { require(context_ != nullptr); }

  Hmac& add(std::string_view text) {
    std::array<unsigned char, 8> size{};
    for (std::size_t at = 0; at < size.size(); ++at)
      size[at] = static_cast<unsigned char>(static_cast<std::uint64_t>(text.size()) >> (56 - 8 * at));
    return bytes(size.data(), size.size()).bytes(reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }

  Digest finish() {
    Digest digest{};
    std::size_t size = 0;
    require(EVP_MAC_final(context_.get(), digest.data(), &size, digest.size()) == 1 && size == digest.size());
    return digest;
  }

 private:
  Hmac& bytes(const unsigned char* data, std::size_t size) {
    require(EVP_MAC_update(context_.get(), data, size) == 1);
    return *this;
  }

  Context context_;
};

Context keyed(EVP_MAC* algorithm, const unsigned char* key, std::size_t size) {
  Context context(EVP_MAC_CTX_new(algorithm));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  require(context != nullptr && EVP_MAC_init(context.get(), key, size, parameters) == 1);
  return context;
}

// Ids and cookies never share a key, so that neither can stand for the other.
Context derived(EVP_MAC* algorithm, std::string_view secret, std::string_view purpose) {
  const Context master = keyed(algorithm, reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  Digest key = Hmac(master).add(purpose).finish();
  Context context = keyed(algorithm, key.data(), key.size());
  OPENSSL_cleanse(key.data(), key.size());
  return context;
}

OwnerMarks::Mark make_mark(const Context& key, std::string_view id, std::string_view backend) {
  const Digest digest = Hmac(key).add(backend).add(id).finish();
  OwnerMarks::Mark mark{};
  encode(digest.data(), mark_bytes, std::copy(OwnerMarks::sign.begin(), OwnerMarks::sign.end(), mark.begin()));
  return mark;
}

std::string make_cookie(const Context& key, std::string_view nonce, std::string_view pool, std::string_view backend) {
  const Digest digest = Hmac(key).add(nonce).add(pool).add(backend).finish();
  std::string out(nonce);
  out.resize(cookie_size);
  encode(digest.data(), proof_bytes, out.data() + nonce_size);
  return out;
}

}  // namespace

struct OwnerMarks::Keys {
  struct Pair {
    Context ids;
    Context cookies;
  };
  std::vector<Pair> of_secrets;  // never empty; the first makes marks

  explicit Keys(const std::vector<config::Secret>& secrets) {
    const std::unique_ptr<EVP_MAC, Free> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    if (algorithm == nullptr) throw std::runtime_error("OpenSSL has no HMAC");
    const auto add = [&](std::string_view secret) {
      of_secrets.push_back(
          {derived(algorithm.get(), secret, id_purpose), derived(algorithm.get(), secret, cookie_purpose)});
    };
    for (const config::Secret& secret : secrets) add(secret.reveal());
    if (secrets.empty()) add(public_secret);
  }
};

OwnerMarks::OwnerMarks(const config::Config& config)
    : config_(config), keys_(std::make_unique<const Keys>(config.affinity_secrets)) {}

OwnerMarks::~OwnerMarks() = default;

bool OwnerMarks::looks_marked(std::string_view id) noexcept {
  if (id.size() <= mark_size || id.size() > max_id_size + mark_size) return false;
  const std::string_view mark = id.substr(id.size() - mark_size);
  return mark.starts_with(sign) && is_base64url(mark);
}

OwnerMarks::Mark OwnerMarks::mark(std::string_view id, std::size_t backend) const {
  return make_mark(keys_->of_secrets.front().ids, id, config_.backends.at(backend).name);
}

std::optional<OwnerMarks::Owned> OwnerMarks::open(std::string_view marked) const {
  if (!looks_marked(marked)) return std::nullopt;
  const std::string_view id = marked.substr(0, marked.size() - mark_size);
  const std::string_view shown = marked.substr(id.size());
  for (const Keys::Pair& keys : keys_->of_secrets) {
    for (std::size_t backend = 0; backend < config_.backends.size(); ++backend) {
      const Mark made = make_mark(keys.ids, id, config_.backends[backend].name);
      if (same({made.data(), made.size()}, shown)) return Owned{id, backend};
    }
  }
  return std::nullopt;
}

std::string OwnerMarks::cookie(std::size_t pool, std::size_t member, std::uint64_t nonce) const {
  std::array<unsigned char, nonce_bytes> bytes{};
  std::memcpy(bytes.data(), &nonce, sizeof nonce);
  std::array<char, nonce_size> text{};
  encode(bytes.data(), bytes.size(), text.data());
  const config::Pool& its_pool = config_.pools.at(pool);
  return make_cookie(keys_->of_secrets.front().cookies, {text.data(), text.size()}, its_pool.name,
                     config_.backends[its_pool.members.at(member).backend].name);
}

std::optional<std::size_t> OwnerMarks::open_cookie(std::string_view value, std::size_t pool) const {
  if (value.size() != cookie_size || !is_base64url(value)) return std::nullopt;
  const config::Pool& its_pool = config_.pools.at(pool);
  for (const Keys::Pair& keys : keys_->of_secrets) {
    for (std::size_t member = 0; member < its_pool.members.size(); ++member) {
      const std::string& backend = config_.backends[its_pool.members[member].backend].name;
      if (same(make_cookie(keys.cookies, value.substr(0, nonce_size), its_pool.name, backend), value)) return member;
    }
  }
  return std::nullopt;
}

}  // namespace spillway::routing
