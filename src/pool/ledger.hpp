#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "spillway/pool/circuit.hpp"
#include "spillway/pool/pool.hpp"
#include "wait_list.hpp"

namespace spillway::pool {

// The one lock over the live state of all pools, those of earlier configurations included. Held for a pick, a settle or
// the copying of a status; never while an observer or a waiter is called.
struct Ledger {
  std::mutex mutex;
};

// The places of one backend, by name: requests that an earlier configuration sent still take theirs.
struct Places {
  std::uint64_t limit = 0;
  std::uint64_t in_flight = 0;
  std::vector<std::weak_ptr<WaitList>> waiting;  // of the pools that contain the backend

  bool full() const noexcept { return in_flight >= limit; }
};

// What one member of one pool has done, by the names of both; lives on over reloads.
struct Counters {
  std::uint64_t in_flight = 0;
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
  std::uint64_t throttled = 0;
  std::optional<double> ttfb_ms;

  void count(const Verdict& verdict) noexcept;
};

// What has to be told to others once the lock is released.
class Notices {
 public:
  // Both names must live until `deliver`.
  void add(std::string_view backend, std::string_view deployment, std::vector<Transition>& transitions);
  // Everybody who waits for a pool that contains the backend.
  void wake(Places& places);
  bool empty() const noexcept { return changes_.empty() && waiters_.empty(); }

  // Call without the lock.
  void deliver(const TransitionObserver& observer);

 private:
  struct Change {
    std::string_view backend;
    std::string_view deployment;
    Transition transition;
  };
  std::vector<Change> changes_;
  std::vector<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace spillway::pool
