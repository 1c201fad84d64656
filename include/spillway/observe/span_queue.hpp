#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "spillway/observe/trace.hpp"

namespace spillway::observe {

// Where workers leave finished requests for the exporter. Bounded: what does not fit is dropped and counted, nobody
// waits. Thread-safe; the lock is held for a move.
class SpanQueue {
 public:
  // `batch_ready` is called by whoever brings the span that makes a batch; from any thread, without the lock.
  explicit SpanQueue(std::function<void()> batch_ready) : batch_ready_(std::move(batch_ready)) {}

  // In spans. `batch` is not above `capacity`.
  void set_bounds(std::size_t capacity, std::size_t batch);

  void offer(TracedRequest request);
  // The oldest, at most a batch of spans but at least one request. Empty: there is none.
  std::vector<TracedRequest> take();
  bool has_batch() const;

  void count_exported(std::uint64_t spans) noexcept { exported_.fetch_add(spans, std::memory_order_relaxed); }
  void count_dropped(std::uint64_t spans) noexcept { dropped_.fetch_add(spans, std::memory_order_relaxed); }
  std::uint64_t exported() const noexcept { return exported_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  const std::function<void()> batch_ready_;
  mutable std::mutex mutex_;
  std::deque<TracedRequest> waiting_;
  std::size_t spans_ = 0;  // of all that wait
  std::size_t capacity_ = 1;
  std::size_t batch_ = 1;
  std::atomic<std::uint64_t> exported_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace spillway::observe
