#pragma once

#include "spillway/observe/metrics.hpp"

namespace spillway::forward {

// Counts an answer among the streams while it lives.
class StreamGauge {
 public:
  // Null: it is none.
  explicit StreamGauge(observe::Gauge* gauge) noexcept : gauge_(gauge) {
    if (gauge_ != nullptr) gauge_->add();
  }
  ~StreamGauge() {
    if (gauge_ != nullptr) gauge_->sub();
  }
  StreamGauge(const StreamGauge&) = delete;
  StreamGauge& operator=(const StreamGauge&) = delete;

 private:
  observe::Gauge* gauge_;
};

}  // namespace spillway::forward
