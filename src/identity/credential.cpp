#include "spillway/identity/credential.hpp"

namespace spillway::identity {

Credential::Credential(std::string description, std::string resource, Milliseconds between_refusals)
    : description_(std::move(description)), resource_(std::move(resource)), between_refusals_(between_refusals) {}

TokenPtr Credential::token() const {
  const std::lock_guard lock(mutex_);
  return token_;
}

std::shared_ptr<const std::atomic<bool>> Credential::usable() {
  return {shared_from_this(), &usable_};
}

bool Credential::refuse(const TokenPtr& token, TimePoint now) {
  std::shared_ptr<net::RemoteWake::Line> keeper;
  {
    const std::lock_guard lock(mutex_);
    if (token_ != token) return true;
    keeper = keeper_.lock();
    if (!keeper || (refused_at_ && now - *refused_at_ < between_refusals_)) return false;
    refused_at_ = now;
    token_ = nullptr;
    usable_ = false;
    wished_ = true;
  }
  keeper->wake();
  return true;
}

void Credential::wake_on_token(std::weak_ptr<net::RemoteWake::Line> line) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [](const auto& each) { return each.expired(); });
  waiting_.push_back(std::move(line));
}

void Credential::keep_with(std::weak_ptr<net::RemoteWake::Line> keeper) {
  const std::lock_guard lock(mutex_);
  keeper_ = std::move(keeper);
}

void Credential::set(TokenPtr token) {
  std::vector<std::weak_ptr<net::RemoteWake::Line>> waiting;
  {
    const std::lock_guard lock(mutex_);
    token_ = std::move(token);
    usable_ = true;
    wished_ = false;
    waiting.swap(waiting_);
  }
  for (const auto& each : waiting) {
    if (const auto line = each.lock()) line->wake();
  }
}

void Credential::drop(const TokenPtr& token) {
  const std::lock_guard lock(mutex_);
  if (token_ != token) return;
  token_ = nullptr;
  usable_ = false;
}

}  // namespace spillway::identity
