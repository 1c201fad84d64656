#pragma once

#include <vector>

#include "jose.hpp"
#include "spillway/base/time.hpp"

namespace spillway::lab {

// The keys a tenant signs with: one RS256 and one ES256 key at a time, and those of before for as long as they are
// published.
class KeyRing {
 public:
  KeyRing();

  const SigningKey& current(Algorithm algorithm) const;
  // New keys sign from now on; the old ones are published for `overlap` more.
  void roll(TimePoint now, Milliseconds overlap);
  // A published key; null when there is none of that name.
  const SigningKey* find(std::string_view kid, TimePoint now) const;

  // `{"keys": […]}` as Microsoft Entra publishes it (RFC 7517 5).
  Json jwks(TimePoint now) const;
  // Name, algorithm and whether it signs, of each published key.
  Json report(TimePoint now) const;

 private:
  struct Entry {
    SigningKey key;
    TimePoint published_until;
  };
  void add_pair();

  std::vector<Entry> entries_;  // the last two sign
};

}  // namespace spillway::lab
