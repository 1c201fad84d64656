#include "spillway/listener/limits.hpp"

#include <algorithm>

namespace spillway::listener {

ConnectionLimit::Admission ConnectionLimit::enter() noexcept {
  const std::size_t max = max_.load(std::memory_order_relaxed);
  const std::size_t room_to_refuse = max / 10 + 16;
  const std::size_t open = open_.fetch_add(1, std::memory_order_relaxed);
  // The worse of the two is what counts, and they are in that order.
  Admission admission = open >= max + room_to_refuse ? Admission::full
                        : open >= max                ? Admission::overloaded
                                                     : Admission::admitted;
  if (whole_ != nullptr && admission != Admission::full) admission = std::max(admission, whole_->enter());
  if (admission == Admission::full)
    open_.fetch_sub(1, std::memory_order_relaxed);
  else if (gauge_ != nullptr)
    gauge_->add();
  return admission;
}

void ConnectionLimit::leave() noexcept {
  open_.fetch_sub(1, std::memory_order_relaxed);
  if (gauge_ != nullptr) gauge_->sub();
  if (whole_ != nullptr) whole_->leave();
}

bool BodyMemory::take(std::uint64_t bytes) noexcept {
  const std::uint64_t before = taken_.fetch_add(bytes, std::memory_order_relaxed);
  if (before + bytes > max_.load(std::memory_order_relaxed)) {
    taken_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  if (gauge_ != nullptr) gauge_->add(static_cast<std::int64_t>(bytes));
  return true;
}

void BodyMemory::give_back(std::uint64_t bytes) noexcept {
  taken_.fetch_sub(bytes, std::memory_order_relaxed);
  if (gauge_ != nullptr) gauge_->sub(static_cast<std::int64_t>(bytes));
}

bool BodyShare::cover(std::uint64_t bytes) noexcept {
  if (memory_ == nullptr || bytes <= taken_) return true;
  const std::uint64_t more = (bytes - taken_ + step - 1) / step * step;
  if (!memory_->take(more)) return false;
  taken_ += more;
  return true;
}

void BodyShare::release() noexcept {
  if (taken_ != 0) memory_->give_back(taken_);
  taken_ = 0;
}

}  // namespace spillway::listener
