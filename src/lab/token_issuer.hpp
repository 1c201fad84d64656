#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "identity_config.hpp"
#include "jwt.hpp"
#include "key_ring.hpp"
#include "wording.hpp"

namespace spillway::lab {

// What a token endpoint hands out.
struct Grant {
  std::string token;
  std::int64_t expires_in = 0;  // seconds
  std::int64_t expires_on = 0;  // seconds since 1970
  std::int64_t not_before = 0;
  std::optional<std::int64_t> refresh_in;
};

// Why a token is refused, in the order it is looked at.
enum class TokenFlaw {
  none,
  malformed,
  algorithm,
  unknown_key,
  signature,
  issuer,
  audience,
  not_yet,
  expired,
  revoked
};
std::string_view name(TokenFlaw flaw) noexcept;

struct CheckedToken {
  TokenFlaw flaw = TokenFlaw::none;
  std::string client_id;  // `appid` or `azp`
  std::string audience;   // as the token has it
};

// The simulated tenant: signs access tokens and says whether one is good. Not thread-safe.
class TokenIssuer {
 public:
  TokenIssuer(TokenConfig config, std::uint64_t seed, KeyRing keys = {});

  const std::string& tenant() const noexcept { return config_.tenant; }
  std::string issuer(int version) const;
  // `http://HOST:PORT` of Entra, once it is known.
  void authority_is(std::string url) { authority_ = std::move(url); }
  const std::string& authority() const noexcept { return authority_; }
  KeyRing& keys() noexcept { return keys_; }
  const KeyRing& keys() const noexcept { return keys_; }

  // The claims of an access token as Azure writes them in that version.
  Json claims(const PrincipalConfig& principal, std::string_view audience, int version, std::int64_t lifetime,
              Moment moment);
  Grant issue(const PrincipalConfig& principal, std::string_view audience, Moment moment);

  CheckedToken check(std::string_view token, const std::vector<std::string>& audiences, Moment moment) const;

  // Every token given out until now is no longer good; with a name, those of that client.
  void revoke(const std::string& client_id);
  // Of tokens from now on; nothing: as configured.
  void set_lifetime(std::optional<Milliseconds> lifetime, std::optional<Milliseconds> refresh_in);
  Milliseconds lifetime() const noexcept { return lifetime_; }
  // Lifetimes and counters as at the start. Keys and revocations stay.
  void reset();

  const TokenConfig& config() const noexcept { return config_; }
  std::string guid() { return ids_.guid(); }
  // Tokens given out by client and audience, keys, lifetimes.
  Json report(TimePoint now) const;

 private:
  bool revoked(const Json& claims, const std::string& client_id) const;

  TokenConfig config_;
  std::string authority_;
  KeyRing keys_;
  Generator ids_;
  Milliseconds lifetime_;
  std::optional<Milliseconds> refresh_in_;
  std::uint64_t next_ = 1;
  std::map<std::string, std::uint64_t> revoked_below_;  // by client id; empty = all
  std::map<std::string, std::map<std::string, std::uint64_t>> issued_;
};

}  // namespace spillway::lab
