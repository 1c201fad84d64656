#pragma once

#include <optional>

#include "spillway/base/failure.hpp"
#include "spillway/base/time.hpp"

namespace spillway::pool {

// How an attempt ended: all that circuit, retry and metrics see of it.
struct Verdict {
  enum class Kind {
    answered,   // `status` came from the backend and, as far as known, the body too
    failed,     // the backend is to blame: `error`
    abandoned,  // nobody's fault: the client went away, or the attempt never reached the backend because of us
  };
  Kind kind = Kind::abandoned;
  int status = 0;
  ErrorKind error = ErrorKind::reset;
  std::optional<Milliseconds> retry_after;  // what the answer asked for, uncut
  std::optional<Duration> first_byte;       // from the attempt's start to the first byte of the answer

  static Verdict answered(int status, std::optional<Milliseconds> retry_after = std::nullopt) {
    Verdict verdict;
    verdict.kind = Kind::answered;
    verdict.status = status;
    verdict.retry_after = retry_after;
    return verdict;
  }
  static Verdict failed(ErrorKind error) {
    Verdict verdict;
    verdict.kind = Kind::failed;
    verdict.error = error;
    return verdict;
  }
  static Verdict abandoned() { return {}; }
};

}  // namespace spillway::pool
