#include "spillway/pool/window.hpp"

#include <algorithm>

namespace spillway::pool {

bool FailureWindow::add(TimePoint now, std::size_t count, Duration interval) {
  now = latest_ = std::max(now, latest_);
  if (times_.size() < count) {
    times_.push_back(now);
  } else {
    times_[oldest_] = now;
    oldest_ = (oldest_ + 1) % count;
  }
  return times_.size() == count && now - times_[oldest_] < interval;
}

void FailureWindow::clear() noexcept {
  times_.clear();
  oldest_ = 0;
}

void ShareWindow::add(bool failed, TimePoint now, Duration interval) {
  if (!entries_.empty()) now = std::max(now, entries_.back().first);
  const auto kept =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return now - entry.first < interval; });
  for (auto gone = entries_.begin(); gone != kept; ++gone) {
    answers_ -= gone->answers;
    failures_ -= gone->failures;
  }
  entries_.erase(entries_.begin(), kept);
  if (entries_.empty() || now - entries_.back().first >= interval / 100) entries_.push_back({now});
  Entry& entry = entries_.back();
  ++entry.answers;
  ++answers_;
  if (failed) {
    ++entry.failures;
    ++failures_;
  }
}

void ShareWindow::clear() noexcept {
  entries_.clear();
  answers_ = 0;
  failures_ = 0;
}

}  // namespace spillway::pool
