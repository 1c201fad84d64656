#include "spillway/observe/span_queue.hpp"

#include <utility>

namespace spillway::observe {

void SpanQueue::set_bounds(std::size_t capacity, std::size_t batch) {
  const std::lock_guard lock(mutex_);
  capacity_ = capacity;
  batch_ = batch;
}

void SpanQueue::offer(TracedRequest request) {
  const std::size_t spans = request.spans();
  bool ready = false;
  {
    const std::lock_guard lock(mutex_);
    if (spans_ + spans > capacity_) {
      count_dropped(spans);
      return;
    }
    ready = spans_ < batch_ && spans_ + spans >= batch_;
    spans_ += spans;
    waiting_.push_back(std::move(request));
  }
  if (ready && batch_ready_) batch_ready_();
}

std::vector<TracedRequest> SpanQueue::take() {
  std::vector<TracedRequest> taken;
  std::size_t spans = 0;
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty() && (taken.empty() || spans + waiting_.front().spans() <= batch_)) {
    spans += waiting_.front().spans();
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  spans_ -= spans;
  return taken;
}

bool SpanQueue::has_batch() const {
  const std::lock_guard lock(mutex_);
  return spans_ >= batch_;
}

}  // namespace spillway::observe
