#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "spillway/pool/pool.hpp"

namespace spillway::pool {

// Who waits for one pool. Covered by the ledger's lock.
class WaitList {
 public:
  void add(std::weak_ptr<Waiter> waiter);

  // Moves everybody who still lives to `out`; the list is empty afterwards.
  void take(std::vector<std::shared_ptr<Waiter>>& out);

  std::size_t size() const noexcept { return waiters_.size(); }

 private:
  // Drops the dead and those who are in twice.
  void prune();

  static constexpr std::size_t smallest_prune = 64;
  std::vector<std::weak_ptr<Waiter>> waiters_;
  std::size_t prune_at_ = smallest_prune;
};

}  // namespace spillway::pool
