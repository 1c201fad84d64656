#include "spillway/routing/token_access.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <variant>

#include "spillway/base/text.hpp"
#include "token.hpp"
#include "token_cache.hpp"
#include "token_claims.hpp"

namespace spillway::routing {
namespace {

constexpr std::size_t cached_tokens = 8192;
constexpr std::string_view any_tenant = "{tenantid}";

}  // namespace

// What has come in of a tenant.
struct TokenAccess::Known {
  std::shared_ptr<const TokenKeys> keys;  // null: not yet
  std::vector<std::string> issuers;       // empty: not known yet
  std::string guid;

  // A key set may hold keys of others, such as that for personal accounts, which sign nothing of this tenant.
  bool may_sign(const TokenKeys::Key& key) const {
    return key.issuer.empty() || key.issuer.find(any_tenant) != std::string::npos || tenant_of(key.issuer) == guid;
  }

  bool issues(const Token& token) const {
    return std::find(issuers.begin(), issuers.end(), token.issuer()) != issuers.end();
  }

  // A token that names a tenant (`tid`) names its issuer's.
  bool names_another_tenant(const Token& token) const {
    const auto named = token.claims.find("tid");
    if (named == token.claims.end()) return false;
    return !named->is_string() || !iequals(named->get_ref<const std::string&>(), guid);
  }

  // Nothing when the tenant has signed the token.
  std::optional<TokenRefusal> check_signature(const Token& token) const {
    if (keys == nullptr) return TokenRefusal::no_keys;
    const TokenKeys::Key* key = keys->find(token.kid, token.algorithm);
    if (key == nullptr) return keys->has(token.kid) ? TokenRefusal::wrong_algorithm : TokenRefusal::unknown_key;
    if (!may_sign(*key)) return TokenRefusal::wrong_issuer;
    if (!verify_signature(*key, token.signed_part, token.signature)) return TokenRefusal::bad_signature;
    if (names_another_tenant(token)) return TokenRefusal::wrong_issuer;
    return std::nullopt;
  }
};

struct TokenAccess::State {
  std::mutex mutex;
  std::vector<std::shared_ptr<const Known>> known;  // by tenant; the list does not change, its items do
  TokenCache cache{cached_tokens};

  std::shared_ptr<const Known> of(std::size_t tenant) {
    const std::lock_guard lock(mutex);
    return known[tenant];
  }
};

TokenAccess::TokenAccess(const config::Config& config) {
  for (std::size_t client = 0; client < config.clients.size(); ++client) {
    const auto& entra = config.clients[client].entra;
    if (!entra) continue;
    const Tenant tenant{entra->authority, entra->tenant_id};
    auto entry =
        std::find_if(tenants_.begin(), tenants_.end(), [&](const Entry& known) { return known.tenant == tenant; });
    if (entry == tenants_.end()) entry = tenants_.insert(entry, Entry{tenant, {}});
    entry->claimants.push_back({client, *entra});
  }
  if (tenants_.empty()) return;
  state_ = std::make_unique<State>();
  for (const Entry& entry : tenants_) {
    Known known;
    if (config::is_guid(entry.tenant.id)) {
      known.guid = entry.tenant.id;
      known.issuers = issuers(entry.tenant.authority, known.guid);
    }
    state_->known.push_back(std::make_shared<const Known>(std::move(known)));
  }
}

TokenAccess::~TokenAccess() = default;

std::vector<TokenAccess::Tenant> TokenAccess::tenants() const {
  std::vector<Tenant> all;
  for (const Entry& entry : tenants_) all.push_back(entry.tenant);
  return all;
}

bool TokenAccess::use(std::size_t tenant, std::shared_ptr<const TokenKeys> keys, std::string_view issuer) {
  const std::shared_ptr<const Known> before = state_->of(tenant);
  Known after = *before;
  after.keys = std::move(keys);
  const Tenant& configured = tenants_[tenant].tenant;
  const auto guid = tenant_of(issuer);
  // A GUID in the configuration is not overruled by what the metadata says.
  if (guid && (!config::is_guid(configured.id) || *guid == configured.id)) {
    after.guid = *guid;
    after.issuers = issuers(configured.authority, *guid);
    if (std::find(after.issuers.begin(), after.issuers.end(), issuer) == after.issuers.end())
      after.issuers.emplace_back(issuer);
  }
  const bool same_keys = before->keys != nullptr && after.keys != nullptr && *before->keys == *after.keys;
  const bool same = same_keys && before->issuers == after.issuers;
  const bool usable = !after.issuers.empty();
  {
    const std::lock_guard lock(state_->mutex);
    state_->known[tenant] = std::make_shared<const Known>(std::move(after));
  }
  if (!same) state_->cache.clear();
  return usable;
}

std::shared_ptr<const TokenKeys> TokenAccess::keys(std::size_t tenant) const {
  return state_->of(tenant)->keys;
}

void TokenAccess::adopt(const TokenAccess& before) {
  for (std::size_t tenant = 0; tenant < tenants_.size(); ++tenant) {
    for (std::size_t other = 0; other < before.tenants_.size(); ++other) {
      if (!(tenants_[tenant].tenant == before.tenants_[other].tenant)) continue;
      std::shared_ptr<const Known> known = before.state_->of(other);
      const std::lock_guard lock(state_->mutex);
      state_->known[tenant] = std::move(known);
    }
  }
  if (!empty()) state_->cache.clear();
}

TokenAccess::Decision TokenAccess::admit(std::string_view text, WallTime now) const {
  if (empty()) return {std::nullopt, TokenRefusal::wrong_issuer, std::nullopt};
  if (text.size() > Token::max_size) return {std::nullopt, TokenRefusal::malformed, std::nullopt};
  const TokenCache::Digest digest = TokenCache::digest(text);
  if (const auto client = state_->cache.find(digest, now)) return {client, {}, std::nullopt};

  const std::uint64_t generation = state_->cache.generation();
  const std::variant<Token, TokenRefusal> read = read_token(text);
  if (const TokenRefusal* refusal = std::get_if<TokenRefusal>(&read)) return {std::nullopt, *refusal, std::nullopt};
  const Token& token = std::get<Token>(read);

  Decision decision = match(token, now);
  if (decision.client) state_->cache.put(digest, *decision.client, *expiry(token.claims) + clock_skew, now, generation);
  return decision;
}

TokenAccess::Decision TokenAccess::match(const Token& token, WallTime now) const {
  Decision decision{std::nullopt, TokenRefusal::wrong_issuer, std::nullopt};
  const auto refuse = [&](TokenRefusal refusal, std::size_t tenant) {
    if (refusal < decision.refusal && decision.refusal != TokenRefusal::wrong_issuer) return;
    const bool fetch = refusal == TokenRefusal::unknown_key || refusal == TokenRefusal::no_keys;
    decision.refusal = refusal;
    decision.tenant = fetch ? std::optional(tenant) : std::nullopt;
  };
  for (std::size_t tenant = 0; tenant < tenants_.size(); ++tenant) {
    const std::shared_ptr<const Known> known = state_->of(tenant);
    if (known->issuers.empty()) refuse(TokenRefusal::no_keys, tenant);
    if (!known->issues(token)) continue;
    if (const auto refusal = known->check_signature(token)) {
      refuse(*refusal, tenant);
      continue;
    }
    for (const Claimant& claimant : tenants_[tenant].claimants) {
      if (decision.client && *decision.client < claimant.client) break;
      const auto refusal = check_claims(claimant.entra, token.claims, now);
      if (refusal) {
        refuse(*refusal, tenant);
      } else {
        decision.client = claimant.client;
      }
    }
  }
  return decision;
}

bool TokenAccess::looks_like_token(std::string_view text) noexcept {
  // `{"` in base64url.
  return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

}  // namespace spillway::routing
