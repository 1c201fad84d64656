#pragma once

#include "spillway/base/failure.hpp"
#include "spillway/config/config.hpp"
#include "spillway/http/head.hpp"
#include "spillway/observe/metrics.hpp"
#include "spillway/pool/verdict.hpp"

// How an attempt ended, in the words circuit, retry and metrics share. Pure.
namespace spillway::forward {

// A whole head has come. `now` is for a Retry-After that is a date.
pool::Verdict classify(const http::ResponseHead& head, WallTime now);
// None has. Only a failure the backend is to blame for counts.
pool::Verdict classify(const Failure& failure);

observe::Outcome outcome(const pool::Verdict& verdict) noexcept;

// The rules re-send an attempt that ended so.
bool retryable(const config::Retry& rules, const pool::Verdict& verdict) noexcept;

}  // namespace spillway::forward
