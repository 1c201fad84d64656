#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "spillway/observe/metrics.hpp"

namespace spillway::listener {

// How many client connections there are and may be: of the process, and of one listener within it. Thread-safe.
class ConnectionLimit {
 public:
  // `whole`: the limit this one is a part of, which outlives it; it counts the connections, too.
  explicit ConnectionLimit(std::size_t max, observe::Gauge* gauge = nullptr, ConnectionLimit* whole = nullptr) noexcept
      : max_(max), gauge_(gauge), whole_(whole) {}

  enum class Admission { admitted, overloaded, full };
  // `overloaded`: over the limit, but there is room to say so; `full`: not even that. Admitted and overloaded ones are
  // counted until `leave`.
  Admission enter() noexcept;
  void leave() noexcept;
  void set_max(std::size_t max) noexcept { max_.store(max, std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> max_;
  std::atomic<std::size_t> open_{0};
  observe::Gauge* gauge_;
  ConnectionLimit* whole_;
};

// The memory that request bodies take while they are kept for another attempt. Thread-safe.
class BodyMemory {
 public:
  // In bytes.
  explicit BodyMemory(std::uint64_t max, observe::Gauge* gauge = nullptr) noexcept : max_(max), gauge_(gauge) {}

  // False when that would be more than there may be; nothing is taken then.
  bool take(std::uint64_t bytes) noexcept;
  void give_back(std::uint64_t bytes) noexcept;
  void set_max(std::uint64_t max) noexcept { max_.store(max, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> max_;
  std::atomic<std::uint64_t> taken_{0};
  observe::Gauge* gauge_;
};

// What one connection has taken of it; given back when this dies. Belongs to one thread.
class BodyShare {
 public:
  // Null: as much as anybody likes.
  explicit BodyShare(BodyMemory* memory) noexcept : memory_(memory) {}
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  ~BodyShare() { release(); }

  // Grows to at least `bytes`, in steps. False when there is no room for that.
  bool cover(std::uint64_t bytes) noexcept;
  void release() noexcept;

 private:
  static constexpr std::uint64_t step = 64 << 10;
  BodyMemory* memory_;
  std::uint64_t taken_ = 0;
};

}  // namespace spillway::listener
