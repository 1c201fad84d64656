#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"
#include "spillway/pool/circuit.hpp"
#include "spillway/pool/verdict.hpp"

// Which backend now. One exact state for the whole process: one mutex, held for a pick or a settle, never across a wait.
// Everything here is thread-safe and takes the time as an argument.
namespace spillway::pool {

class Backend;  // live state of one backend: circuits and requests in flight; kept over a reload when it is unchanged
class Pool;
class Fleet;

// Which members of the pool this request has tried, by index (a pool has at most 30), and which of them answered 429.
struct Tried {
  std::uint32_t members = 0;
  std::uint32_t throttled = 0;

  bool contains(std::size_t member) const noexcept { return (members >> member & 1U) != 0; }
  void add(std::size_t member) noexcept { members |= 1U << member; }
  void add_throttled(std::size_t member) noexcept { throttled |= 1U << member; }
};

// A place at a backend: the request in flight and, in half-open, the probe. Gives both back when it dies, on every path.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  // Reports how it ended and gives the place back. Once; without it the attempt counts as abandoned.
  void settle(const Verdict& verdict, TimePoint now);
  explicit operator bool() const noexcept { return backend_ != nullptr; }

 private:
  friend class Pool;
  std::shared_ptr<Backend> backend_;
  std::shared_ptr<Pool> pool_;
  std::size_t member_ = 0;
  std::string model_;       // as the client asked, to make it known after a 2xx
  std::string deployment_;  // as the backend names it; selects the circuit
  bool probe_ = false;
  TimePoint entered_{};
};

struct Picked {
  Lease lease;
  std::size_t member = 0;   // index into the pool's members
  std::size_t backend = 0;  // index into the configuration's backends
  std::string deployment;   // the model as this backend names it; empty when the request has none
  CircuitState circuit = CircuitState::closed;  // closed or half_open
};

// No member can take the request now.
struct Exhausted {
  TimePoint earliest{};        // when one may, counting tried members too
  bool all_throttled = false;  // every member in the way is throttled: a 429 now, or open through a 429
  bool full = false;           // some untried member is only out of connections
};

// No member of the pool serves the model at all.
struct NotServed {};

using PickResult = std::variant<Picked, Exhausted, NotServed>;

// Wakes someone when a pick may have become possible. `wake` is called from any thread, once, outside the lock.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void wake() = 0;
};

struct CircuitStatus {
  std::string deployment;
  CircuitState state = CircuitState::closed;
  std::string rule;                           // empty while closed
  std::optional<Milliseconds> reopens_in;     // until it admits again, while open
};

struct MemberStatus {
  std::string backend;
  std::string region;
  config::BackendKind kind = config::BackendKind::paygo;
  int priority = 1;
  int weight = 1;
  std::uint64_t in_flight = 0;
  std::uint64_t requests = 0;   // attempts of this member that were settled or abandoned
  std::uint64_t failures = 0;   // failed, or answered 5xx or 408
  std::uint64_t throttled = 0;  // answered 429
  std::optional<double> ttfb_ms;  // moving average over successes
  std::vector<CircuitStatus> circuits;
};

struct PoolStatus {
  std::string name;
  config::Strategy strategy = config::Strategy::round_robin;
  std::vector<MemberStatus> members;
};

// The members of one pool of one configuration, and whose turn it is.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  ~Pool();

  // Lowest priority with an eligible member first; smooth weighted round robin inside it, with a turn per model. `model` is
  // what the client asked for, empty when the request names none.
  PickResult pick(std::string_view model, const Tried& tried, TimePoint now);

  // Whether some member serves the model, now or later.
  bool serves(std::string_view model) const;

  // How the model is called at each member; used to tell whether a rewrite is needed at all.
  bool maps_models() const noexcept;

  // A member is not drained and not all circuits it has used are open.
  bool ready(TimePoint now) const;

  // `waiter` is woken at the next settle, release or circuit change that may help this pool. Weak: it may die any time.
  void wake_on_change(std::weak_ptr<Waiter> waiter);

  PoolStatus status(TimePoint now) const;
  const config::Pool& config() const noexcept;
  // `priority` when the members have more than one, else the strategy's name: what `x-routing-strategy` says.
  std::string_view strategy_label() const noexcept;

 private:
  friend class Fleet;
  friend class Lease;
  struct State;
  explicit Pool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Told of every circuit change, outside the lock.
using TransitionObserver =
    std::function<void(std::string_view backend, std::string_view deployment, const Transition& transition)>;

// All pools of one configuration. Made anew by a reload, which takes over the live state of backends by name, and the turns
// of pools whose members are the same.
class Fleet {
 public:
  // `previous` may be null. Backends whose URL, deployments, credential kind and circuit rules are unchanged keep circuits
  // and counters; others keep their counters only.
  Fleet(std::shared_ptr<const config::Config> config, const Fleet* previous, TransitionObserver observer);
  ~Fleet();

  const std::shared_ptr<Pool>& pool(std::size_t index) const { return pools_[index]; }
  std::size_t size() const noexcept { return pools_.size(); }
  // Live state of all circuits by backend, for metrics.
  struct BackendStatus {
    std::string backend;
    std::uint64_t in_flight = 0;
    std::vector<CircuitStatus> circuits;
  };
  std::vector<BackendStatus> backends(TimePoint now) const;

  const config::Config& config() const noexcept { return *config_; }

 private:
  std::shared_ptr<const config::Config> config_;
  std::vector<std::shared_ptr<Backend>> backends_;
  std::vector<std::shared_ptr<Pool>> pools_;
};

}  // namespace spillway::pool
