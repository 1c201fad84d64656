#include "spillway/identity/tenant_keys.hpp"

#include <utility>

namespace spillway::identity {

TenantKeys::TenantKeys(routing::TokenAccess::Tenant tenant, Milliseconds between_wishes)
    : tenant_(std::move(tenant)), between_wishes_(between_wishes) {}

std::uint64_t TenantKeys::fetches() const {
  const std::lock_guard lock(mutex_);
  return fetches_;
}

bool TenantKeys::wish(std::uint64_t seen, TimePoint now) {
  std::shared_ptr<net::RemoteWake::Line> keeper;
  {
    const std::lock_guard lock(mutex_);
    if (fetches_ != seen || under_way_ || wished_) return true;
    keeper = keeper_.lock();
    if (!keeper || (wished_at_ && now - *wished_at_ < between_wishes_)) return false;
    wished_at_ = now;
    wished_ = true;
  }
  keeper->wake();
  return true;
}

void TenantKeys::wake_on_fetch(std::weak_ptr<net::RemoteWake::Line> line) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(line));
}

TenantKeys::Status TenantKeys::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void TenantKeys::keep_with(std::weak_ptr<net::RemoteWake::Line> keeper) {
  const std::lock_guard lock(mutex_);
  keeper_ = std::move(keeper);
}

bool TenantKeys::wished() const {
  const std::lock_guard lock(mutex_);
  return wished_;
}

void TenantKeys::begin() {
  const std::lock_guard lock(mutex_);
  wished_ = false;
  under_way_ = true;
}

void TenantKeys::end(Status status) {
  std::vector<std::weak_ptr<net::RemoteWake::Line>> waiting;
  {
    const std::lock_guard lock(mutex_);
    ++fetches_;
    wished_ = under_way_ = false;
    status_ = std::move(status);
    waiting.swap(waiting_);
  }
  for (const auto& each : waiting) {
    if (const auto line = each.lock()) line->wake();
  }
}

}  // namespace spillway::identity
