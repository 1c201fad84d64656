#pragma once

#include <optional>

#include "spillway/base/time.hpp"

namespace spillway::identity {

// How tokens, and the keys of tenants, are kept fresh. Tests take shorter times.
struct Timing {
  Milliseconds call{15'000};    // one fetch, all of its requests
  Milliseconds soonest{1'000};  // a fresh token is not refreshed earlier
  Milliseconds skew{30'000};    // a token is not used any more so long before it expires, at most a tenth of its life
  Milliseconds first_wait{1'000};         // after a failed fetch; doubled by each further one
  Milliseconds longest_wait{60'000};      // and at most this
  Milliseconds between_refusals{30'000};  // a token is dropped for a 401 at most so often
  Milliseconds keys_life{3'600'000};      // a tenant's keys are fetched again after this, give or take a fifth
  Milliseconds between_wishes{30'000};    // and because a token names an unknown one at most so often
};

}  // namespace spillway::identity
