#pragma once

#include <cstdint>
#include <optional>

#include "spillway/base/time.hpp"

// Azure's two ways of limiting a deployment, as arithmetic on time stamps.
namespace spillway::lab {

enum class Exceeded { none, requests, tokens, utilisation };

struct Admission {
  Exceeded exceeded = Exceeded::none;
  Milliseconds retry_after{0};  // when refused: until the next call may be taken, more than zero

  bool admitted() const noexcept { return exceeded == Exceeded::none; }
};

// Per minute; none = no such limit.
struct PaygoLimits {
  std::optional<std::int64_t> tokens_per_minute;
  std::optional<std::int64_t> requests_per_minute;
};

// A standard deployment. Tokens are an estimate taken on arrival, summed over a minute; requests are counted over the
// minute and over slices of ten seconds, each with a sixth of the limit (rounded up), so bursts are refused below the
// minute's limit. A refused request counts as a request, not as tokens. A window begins with the first request after
// the last one.
class PaygoLimiter {
 public:
  explicit PaygoLimiter(PaygoLimits limits) : limits_(limits) {}

  Admission admit(std::int64_t tokens, TimePoint now);

  // What x-ratelimit-remaining-* and x-ratelimit-reset-* say; remaining is never negative.
  struct Left {
    std::int64_t requests = 0;
    std::int64_t tokens = 0;
    Milliseconds requests_reset{0};
    Milliseconds tokens_reset{0};
  };
  Left left(TimePoint now) const;
  const PaygoLimits& limits() const noexcept { return limits_; }

  // A slice's share of the minute's requests.
  std::int64_t requests_per_slice() const noexcept;

 private:
  struct Window {
    TimePoint start = TimePoint::min();
    std::int64_t used = 0;

    void roll(TimePoint now, Milliseconds length);
    Milliseconds left(TimePoint now, Milliseconds length) const;
  };

  PaygoLimits limits_;
  Window minute_tokens_;
  Window minute_requests_;
  Window slice_;
};

struct PtuLimits {
  std::int64_t tokens_per_minute = 60'000;  // what the provisioned units work off
  Milliseconds window{60'000};              // 100 % is this much work waiting
};

// A provisioned deployment: a leaky bucket of work. A request is taken as long as utilisation has not passed 100 %; its
// estimate is added at once and corrected when it ends; work drains all the time.
class PtuMeter {
 public:
  explicit PtuMeter(PtuLimits limits) : limits_(limits) {}

  Admission admit(std::int64_t tokens, TimePoint now);
  // The request ended: it took `actual` tokens where `estimate` had been added.
  void settle(std::int64_t estimate, std::int64_t actual, TimePoint now);
  // In tenths of a percent, rounded down.
  std::int64_t utilisation_permille(TimePoint now) const;
  const PtuLimits& limits() const noexcept { return limits_; }

 private:
  void drain(TimePoint now);
  // One token is 60 000 units of work and each millisecond drains `tokens_per_minute` of them, so all of it is exact.
  static constexpr std::int64_t unit = 60'000;
  std::int64_t full() const noexcept { return limits_.tokens_per_minute * limits_.window.count(); }

  PtuLimits limits_;
  std::int64_t level_ = 0;
  TimePoint drained_ = TimePoint::min();
};

}  // namespace spillway::lab
