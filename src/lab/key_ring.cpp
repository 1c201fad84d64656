#include "key_ring.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace spillway::lab {

KeyRing::KeyRing() {
  add_pair();
}

void KeyRing::add_pair() {
  for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256}) {
    entries_.push_back({SigningKey::generate(algorithm), TimePoint::max()});
  }
}

const SigningKey& KeyRing::current(Algorithm algorithm) const {
  return entries_[entries_.size() - (algorithm == Algorithm::es256 ? 1 : 2)].key;
}

void KeyRing::roll(TimePoint now, Milliseconds overlap) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.published_until <= now; });
  for (Entry& entry : entries_) entry.published_until = std::min(entry.published_until, now + overlap);
  add_pair();
}

const SigningKey* KeyRing::find(std::string_view kid, TimePoint now) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.key.kid() == kid && entry.published_until > now;
  });
  return found == entries_.end() ? nullptr : &found->key;
}

Json KeyRing::jwks(TimePoint now) const {
  Json keys = Json::array();
  for (const Entry& entry : entries_) {
    if (entry.published_until <= now) continue;
    Json key = entry.key.jwk();
    key["use"] = "sig";
    key["kid"] = entry.key.kid();
    key["alg"] = name(entry.key.algorithm());
    keys.push_back(std::move(key));
  }
  return {{"keys", keys}};
}

Json KeyRing::report(TimePoint now) const {
  Json out = Json::array();
  for (const Entry& entry : entries_) {
    if (entry.published_until <= now) continue;
    out.push_back({{"kid", entry.key.kid()},
                   {"alg", name(entry.key.algorithm())},
                   {"signs", entry.published_until == TimePoint::max()}});
  }
  return out;
}

}  // namespace spillway::lab
