#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"
#include "spillway/pool/verdict.hpp"
#include "spillway/pool/window.hpp"

namespace spillway::pool {

enum class CircuitState { closed, open, half_open };
// `closed`, `open`, `half_open`
std::string_view name(CircuitState state) noexcept;

// A change of a circuit's state, to be logged and counted.
struct Transition {
  CircuitState from = CircuitState::closed;
  CircuitState to = CircuitState::closed;
  std::string rule;         // the rule that tripped or that the open state came from
  Milliseconds open_for{};  // when `to` is open
  std::optional<Milliseconds>
      retry_after;  // what the backend asked for, when it was longer than max_retry_after and was cut
};

// The breaker of one (backend, deployment): arithmetic on time stamps, no timers, no lock of its own (the fleet's
// covers it). Times passed in never go backwards by more than the calls of concurrent workers may interleave.
//
// The rules count side by side and each trips by itself, only on a verdict that it counts. When several trip on the
// same verdict, the one with the longest time wins, the first listed among equals. A trip clears all windows: what led
// to it does not count again.
class Circuit {
 public:
  // `rules` must outlive the circuit.
  explicit Circuit(const config::CircuitBreaker* rules) : rules_(rules), windows_(rules->rules.size()) {}

  // The state at `now`: an open circuit whose time is over is half-open or closed, as its rule says.
  CircuitState state(TimePoint now) const noexcept;

  // True when a request may go: closed, or half-open with the probe's place free.
  bool admits(TimePoint now) const noexcept;

  // Notes that the time of an open circuit is over. Does nothing otherwise.
  void advance(TimePoint now, std::vector<Transition>& transitions);

  // A request goes. In half-open it takes the probe's place and `true` is returned. Precondition: `admits(now)`.
  // Notes the transition out of open, when this is the first call that sees it.
  bool enter(TimePoint now, std::vector<Transition>& transitions);

  // The request is over. `probe`: it held the probe's place. `entered`: when it was admitted. Results of requests that
  // entered before the last trip say nothing about the backend since and are ignored; half-open is decided by the probe
  // alone.
  void settle(const Verdict& verdict, bool probe, TimePoint entered, TimePoint now,
              std::vector<Transition>& transitions);

  // The probe's answer has begun with this status. When no rule counts it the circuit closes here, not only at the end
  // of a long stream, and true is returned: the request goes on as an ordinary one.
  bool probe_answers(int status, TimePoint now, std::vector<Transition>& transitions);

  // When a request may next be admitted: `now` when it may already; an estimate when that hangs on a probe in flight.
  TimePoint admits_at(TimePoint now) const noexcept;

  // Closed at the last look, so that `admits` and `advance` need not be asked.
  bool closed() const noexcept { return state_ == CircuitState::closed; }

  // While open or half-open: the rule that tripped, and whether what tripped it was a 429.
  std::string_view rule() const noexcept;
  bool throttled() const noexcept { return throttled_; }
  TimePoint open_until() const noexcept { return open_until_; }

 private:
  struct Window {
    FailureWindow failures;  // for a count rule
    ShareWindow answers;     // for a percentage rule
  };
  // The rule that opens the circuit, and for how long.
  struct Trip {
    std::optional<std::size_t> rule;
    Milliseconds open_for{};
    bool cut = false;
  };
  void count(const Verdict& verdict, TimePoint now, std::vector<Transition>& transitions);
  void end_probe(const Verdict& verdict, TimePoint now, std::vector<Transition>& transitions);
  bool trips(std::size_t rule, bool failed, TimePoint now);
  void consider(Trip& trip, std::size_t rule, const Verdict& verdict) const;
  void open(const Trip& trip, const Verdict& verdict, TimePoint now, std::vector<Transition>& transitions);
  void close(std::vector<Transition>& transitions);

  const config::CircuitBreaker* rules_;
  std::vector<Window> windows_;
  CircuitState state_ = CircuitState::closed;  // as last noted
  std::size_t tripped_rule_ = 0;
  bool throttled_ = false;
  bool probing_ = false;
  TimePoint opened_at_ = TimePoint::min();
  TimePoint open_until_ = TimePoint::min();
};

}  // namespace spillway::pool
