#pragma once

#include <atomic>
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

// Which backend now. One exact state for the whole process: one mutex, held for a pick or a settle, never across a
// wait. Everything here is thread-safe and takes the time as an argument.
namespace spillway::pool {

class Backend;  // live state of one backend: circuits and requests in flight; kept over a reload when it is unchanged
struct BackendCircuit;  // one of its circuits
struct Ledger;          // the lock over all of it
class Lane;             // how fast one deployment of a backend answers
struct Turn;            // whose turn it is for one model
class Notices;          // what is told to others once the lock is released
class Pool;
class Fleet;

using config::name;

// Which members of the pool this request has tried, by index (a pool has at most 30), and which of them answered 429.
struct Tried {
  std::uint32_t members = 0;
  std::uint32_t throttled = 0;

  bool contains(std::size_t member) const noexcept { return (members >> member & 1U) != 0; }
  void add(std::size_t member) noexcept { members |= 1U << member; }
  void add_throttled(std::size_t member) noexcept { throttled |= 1U << member; }
};

// A place at a backend: the request in flight and, in half-open, the probe. Gives both back when it dies, on every
// path. Lives as long as it likes: it keeps the pool it came from, which a reload may have replaced. Used by one thread
// at a time.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  // The head of a final answer has come. A probe that no rule counts closes its circuit here, not only at the end of a
  // long stream, a 2xx makes the deployment known, and `least_latency` learns the time since the pick (without this
  // call only from `settle`, and then the request counts as unanswered until it ends). The place is kept, and `settle`
  // still tells how it ended.
  void answer_begins(int status, TimePoint now);

  // Reports how it ended and gives the place back. Once; without it the attempt counts as abandoned.
  void settle(const Verdict& verdict, TimePoint now);
  explicit operator bool() const noexcept { return pool_ != nullptr; }

 private:
  friend class Pool;
  void learn(int status, const Pool& pool);

  std::shared_ptr<Pool> pool_;
  BackendCircuit* circuit_ = nullptr;  // of the member's backend, which the pool keeps
  std::size_t member_ = 0;
  bool probe_ = false;
  TimePoint entered_{};
  Lane* lane_ = nullptr;    // of `circuit_`; null when the pool does not learn, or has learned an error
  bool waits_ = true;       // no answer has begun
  std::string model_;       // to be made known by a 2xx; empty when it is
  std::string deployment_;  // to get a circuit of its own by a 2xx; empty when it has one
};

struct Picked {
  Lease lease;
  std::size_t member = 0;                       // index into the pool's members
  std::size_t backend = 0;                      // index into the configuration's backends
  std::string deployment;                       // the model as this backend names it; empty when the request has none
  CircuitState circuit = CircuitState::closed;  // closed or half_open
};

// No member can take the request now.
struct Exhausted {
  // When one may, counting tried members too: `now` when one of those, or a full one, is closed; an estimate (a second
  // from now) when that hangs on a probe in flight or when all members are drained.
  TimePoint earliest{};
  // The request is bound to one member (an object lives there, or `when_unavailable: fail`), and that one cannot take
  // it: everything else here is that member's. The others were not asked. When it is drained, does not serve the model
  // or is no member, `earliest` is a second from now; when it is only full, `full` is set too.
  bool owner_unavailable = false;
  // Every member that serves the model and is not drained is throttled: a 429 now, or open through a 429.
  bool all_throttled = false;
  bool full = false;  // some untried member is only out of connections
};

// No member of the pool serves the model at all.
struct NotServed {};

// No member has this index: an owner outside of the pool.
inline constexpr std::size_t no_member = 30;

// What a request asks of a pool. The first that is set of owner, pinned, session and prompt decides; none of them = the
// strategy alone.
struct Wish {
  std::string_view model;  // as the client asked; empty: the request names none
  bool stream = false;     // a streamed answer is asked for: `least_latency` learns those apart
  // Members (by index) an object of the request lives at, or a cookie names.
  std::optional<std::size_t> owner;   // this one or none
  std::optional<std::size_t> pinned;  // this one when it is eligible
  // Hashes of what keeps requests together: the value of the affinity header, the beginning of the prompt.
  std::optional<std::uint64_t> session;
  std::optional<std::uint64_t> prompt;

  Wish(std::string_view asked = {}) : model(asked) {}
  Wish(const char* asked) : model(asked) {}
  Wish(const std::string& asked) : model(asked) {}
};

// Why a member does not get a request, or that it may. `no_credential`: the gateway has no access token for it.
// `probing`: half-open with the probe's place taken. `bound`: it could, but the request is bound to another member.
enum class Standing { eligible, not_served, drained, no_credential, tried, open, probing, full, bound };
// `eligible`, `not_served`, `drained`, `no_credential`, `tried`, `open`, `probing`, `full`, `bound`
std::string_view name(Standing standing) noexcept;

struct Explained {
  std::size_t member = 0;
  Standing standing = Standing::eligible;
  std::string deployment;                       // empty when the model is not served or there is none
  CircuitState circuit = CircuitState::closed;  // of that deployment
  std::string rule;                             // that opened it; empty while closed
  std::optional<Milliseconds> reopens_in;       // while open
};

using PickResult = std::variant<Picked, Exhausted, NotServed>;

// Wakes someone when a pick may have become possible. `wake` is called from any thread, once for each call of
// `wake_on_change`, outside the lock; the thread that calls it may also be the last to hold the waiter.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void wake() = 0;
};

struct CircuitStatus {
  // As the backend names it; `-`: requests without a model; `other`: all deployments without a circuit of their own.
  std::string deployment;
  CircuitState state = CircuitState::closed;
  std::string rule;                        // empty while closed
  std::optional<Milliseconds> reopens_in;  // until it admits again, rounded up, while open
};

// Requests, failures, times: of this member of this pool, since the process started. Circuits: of its backend, which
// other pools may share.
struct MemberStatus {
  std::string backend;
  std::string region;
  config::BackendKind kind = config::BackendKind::paygo;
  int priority = 1;
  int weight = 1;
  bool has_credential = true;  // false: the access token it needs is not there
  std::uint64_t in_flight = 0;
  std::uint64_t requests = 0;     // attempts of this member that were settled or abandoned
  std::uint64_t failures = 0;     // failed, or answered 5xx or 408
  std::uint64_t throttled = 0;    // answered 429
  std::optional<double> ttfb_ms;  // moving average over 2xx and 3xx answers, the newest weighing an eighth
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

  // Lowest priority with an eligible member first; inside it the strategy, with a turn per model. Without a model every
  // member serves the request, and those share the backend's own circuit. A member is eligible when it serves the
  // model, is not drained or tried, has its credential and a connection left, and its circuit admits the request.
  //
  // Affinity goes before priority and strategy, never before eligibility:
  // - `owner`: that member or nobody.
  // - `pinned`: that member when it is eligible.
  // - `session`: in each priority group in turn, the member with the highest rendezvous score, weighted, of all that
  //   are not drained and serve the model; when that one is not eligible, the next by score.
  // - `prompt`: the same, but a member with more than 1.25 of its fair share of what the group had of the model's
  //   prompts lately is passed over (16 are always allowed, so that a quiet pool keeps one prompt at one member).
  // With `when_unavailable: fail` the first choice of the last three is the only one, as far as eligibility goes.
  // `tried` holds for all of them: a bound member that was tried is not eligible.
  PickResult pick(const Wish& wish, const Tried& tried, TimePoint now);

  // What `pick` would do now, without doing it: the eligible members in the order they would be tried, each as if those
  // before it had failed, then the others in the configuration's order.
  std::vector<Explained> explain(const Wish& wish, TimePoint now) const;

  // The member of this pool that is the configuration's backend of that index.
  std::optional<std::size_t> member_of(std::size_t backend) const noexcept;

  // Whether some member serves the model, now or later; a drained one does.
  bool serves(std::string_view model) const;

  // Whether some model is called differently at some member, so that a rewrite may be needed at all.
  bool maps_models() const noexcept;

  // Some member is not drained, has its credential, and not all circuits it has used are open.
  bool ready(TimePoint now) const;

  // `waiter` is woken, with all others of this pool, when a full backend gets a place free, a probe's place gets free,
  // a circuit closes by an answer or a credential comes. The end of an open time wakes nobody: `Exhausted::earliest`
  // tells it. Weak: it may die any time. Register first and pick once more, or a change between pick and registration
  // is missed.
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
  PickResult pick_locked(const Wish& wish, const Tried& tried, TimePoint now, Notices& notices);
  Picked take(const Wish& wish, Turn& turn, std::size_t member, TimePoint now, Notices& notices);

  std::unique_ptr<State> state_;
};

// Told of every circuit change, outside the lock, by the thread that caused or first saw it. `deployment` is the
// circuit's label, as in CircuitStatus. Both names live for the call.
using TransitionObserver =
    std::function<void(std::string_view backend, std::string_view deployment, const Transition& transition)>;

// Whether the credential of a backend is there now. Written by others, from any thread; null: it always is.
using HasCredential = std::shared_ptr<const std::atomic<bool>>;

// All pools of one configuration. Made anew by a reload, which takes over the live state of backends by name, and the
// turns of pools whose members are the same. Leases and pools of an earlier fleet go on working, and share its lock.
class Fleet {
 public:
  // `previous` may be null. Backends whose URL, deployments, credential kind, TLS settings and circuit rules are
  // unchanged keep circuits and counters; others keep their counters only. Requests in flight count against the new
  // connection limit. `credentials`: by the backends' index; empty = all are there.
  Fleet(std::shared_ptr<const config::Config> config, const Fleet* previous, TransitionObserver observer,
        const std::vector<HasCredential>& credentials = {});
  ~Fleet();

  const std::shared_ptr<Pool>& pool(std::size_t index) const { return pools_[index]; }
  std::size_t size() const noexcept { return pools_.size(); }
  // The credential of a backend (by index) has come: wakes whoever waits for its pools.
  void credential_came(std::size_t backend) const;
  // Live state of all circuits by backend, for metrics.
  struct BackendStatus {
    std::string backend;
    std::uint64_t in_flight = 0;
    std::vector<CircuitStatus> circuits;  // those that were used
  };
  std::vector<BackendStatus> backends(TimePoint now) const;

  const config::Config& config() const noexcept { return *config_; }

 private:
  std::shared_ptr<const config::Config> config_;
  std::shared_ptr<Ledger> ledger_;
  std::shared_ptr<const TransitionObserver> observer_;
  std::vector<std::shared_ptr<Backend>> backends_;
  std::vector<std::shared_ptr<Pool>> pools_;
};

}  // namespace spillway::pool
