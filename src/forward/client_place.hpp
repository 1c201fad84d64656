#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace spillway::forward {

// The requests that a client has under way, in all workers.
using ClientLoad = std::atomic<std::uint32_t>;

// A place among them, for as long as this lives.
class ClientPlace {
 public:
  ClientPlace() = default;
  ClientPlace(const ClientPlace&) = delete;
  ClientPlace& operator=(const ClientPlace&) = delete;
  ~ClientPlace() {
    if (load_) load_->fetch_sub(1, std::memory_order_relaxed);
  }

  // False when `max` are taken already.
  bool take(std::shared_ptr<ClientLoad> load, std::uint32_t max) noexcept {
    if (load->fetch_add(1, std::memory_order_relaxed) >= max) {
      load->fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
    load_ = std::move(load);
    return true;
  }

 private:
  std::shared_ptr<ClientLoad> load_;
};

}  // namespace spillway::forward
